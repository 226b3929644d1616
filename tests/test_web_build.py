"""The web app is built from a preset, or from an export, by one command."""

import json
import re
from pathlib import Path

import pytest
from web_case import in_checkout, npm

from facemtl.presets import FOLDER

pytestmark = pytest.mark.npm
MOST = 5e6  # bytes of a page beside the runtime


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Path:
    return in_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.mark.parametrize(
    ("words", "preset"),
    [([], "base"), (["--", "tiny"], "tiny")],
    ids=["default", "tiny"],
)
def test_a_preset_needs_no_export(words, preset, app):
    done = npm(app, "run", "build", *words)
    assert done.returncode == 0, done.stderr
    for name, ending in (("model", "tflite"), ("facemtl", "json")):
        built = (app / f"dist/{name}.{ending}").read_bytes()
        assert built == (FOLDER / f"{preset}.{ending}").read_bytes()


def test_size_is_told_and_small_beside_the_runtime(app):
    done = npm(app, "run", "build")
    files = [x for x in (app / "dist").rglob("*") if x.is_file()]
    size = sum(x.stat().st_size for x in files if "litert_wasm" not in x.name)
    (told,) = re.findall(r"The page is (\S+) MB", done.stdout)
    assert float(told) == pytest.approx(size / 1e6, abs=0.01)
    assert size < MOST


def test_all_files_are_kept_for_offline_use_under_the_hash_of_a_build(app):
    builds = []
    for preset in ("tiny", "base", "tiny"):
        npm(app, "run", "build", "--", preset)
        lines = (app / "dist/sw.js").read_text(encoding="utf-8").splitlines()
        about = [json.loads(x.split(" = ")[1].rstrip(";")) for x in lines[:3]]
        build, files, runtime = about
        builds.append(build)
        there = [x for x in (app / "dist").rglob("*") if x.is_file()]
        names = {x.relative_to(app / "dist").as_posix() for x in there}
        assert {*files, *runtime} == {*names, "./"} - {"sw.js"}
    assert builds[0] == builds[2] != builds[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["./tiny"], "tiny/facemtl.json, which facemtl export writes"),
        (["split"], "split/facemtl.json, which facemtl export writes"),
        (["tiny", "model_int8.tflite"], "Received: tiny."),
    ],
    ids=["folder", "configuration", "file"],
)
def test_what_is_no_preset_is_told(words, said, app):
    done = npm(app, "run", "build", "--", *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_build_names_the_file_that_it_expects(app, tmp_path):
    done = npm(app, "run", "build", "--", str(tmp_path))
    assert done.returncode == 2
    assert f"Expected {tmp_path / 'facemtl.json'}" in done.stderr
