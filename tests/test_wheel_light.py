"""The wheel in a new environment that has no checkout and no TensorFlow."""

import json
import os
import re
import subprocess
import tarfile

import cv2
import pytest
from package_imports import modules
from test_light_install import COMMANDS, needs
from wheel_case import (
    ROOT,
    build_sdist,
    build_wheel,
    entries,
    light_environment,
    metadata,
    names_of,
    needed,
    requirements,
    sources,
)

from facemtl.data.synthetic.faces import synthetic_faces

MOST = 400e6  # bytes of a light install; results/install has pip's
PHOTOS = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".bmp")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    source = sources(tmp_path_factory.mktemp("source"))
    return build_sdist(source, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def built(sdist, tmp_path_factory):
    """The wheel, from the archive of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as opened:
        opened.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    return build_wheel(source, folder)


@pytest.fixture(scope="module")
def light(built, tmp_path_factory):
    return light_environment(built, tmp_path_factory.mktemp("light") / "env")


@pytest.fixture
def facemtl(light, tmp_path):
    """The command `facemtl`, in an empty folder, with no other facemtl."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}

    def run(*words):
        return subprocess.run(
            [str(light / "bin/facemtl"), *map(str, words)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=env,
        )

    return run


def test_every_module_is_in_the_archive_and_the_wheel(built, sdist):
    with tarfile.open(sdist) as opened:
        archived = {x.partition("/")[2] for x in opened.getnames()}
    names = names_of(built)
    wanted = {
        f"{name.replace('.', '/')}{'/__init__' * file.match('__init__.py')}.py"
        for name, file in modules().items()
    }
    assert len(wanted) > 200
    assert wanted <= names <= archived


def test_presets_are_inside_and_no_photo(built):
    names = names_of(built)
    for name in ("presets/default.toml", "presets/base.tflite", "py.typed"):
        assert f"facemtl/{name}" in names
    for name in ("tuning/space.toml", "studies/report/page.html"):
        assert f"facemtl/{name}" in names
    assert not [x for x in names if x.lower().endswith(PHOTOS)]
    assert {x.partition("/")[0] for x in names} == {"facemtl"}


def test_the_archive_of_the_sources_holds_no_photo(sdist):
    with tarfile.open(sdist) as opened:
        names = opened.getnames()
    assert len(names) > 200
    assert not [x for x in names if x.lower().endswith(PHOTOS)]
    assert not [x for x in names if "MTFL" in x]


def test_the_metadata_name_the_projects_home(built):
    text = metadata(built)
    urls = dict(re.findall(r"^Project-URL: (\w+), (\S+)$", text, re.M))
    assert urls.keys() == {"Source", "Documentation", "Changelog", "Issues"}
    assert all(url.startswith(urls["Source"]) for url in urls.values())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"git clone {urls['Source']}\n" in readme


def test_the_metadata_name_the_extras(built):
    extras = re.findall(r"^Provides-Extra: (\w+)$", metadata(built), re.M)
    known = {"train", "tuning", "export", "all", "docs", "dev"}
    assert known == set(extras)


def test_links_and_pictures_work_on_an_index(built):
    """Each is absolute, and means a file that is there."""
    text = metadata(built)
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)]+)\)", text)
    assert pictures
    assert len(links) >= 10
    home = "https://github.com/facemtl/facemtl/blob/main/"
    raw = "https://raw.githubusercontent.com/facemtl/facemtl/main/"
    for start, targets in ((raw, pictures), (home, links)):
        for target in targets:
            assert target.startswith("https://"), target
            file = target.removeprefix(start).partition("#")[0]
            assert (ROOT / file).exists(), target


def test_what_is_installed_is_small_and_has_no_tensorflow(built, light):
    """Without Python itself and pip, which any environment has."""
    (packages,) = light.glob("lib/python*/site-packages")
    there = {file.name for file in packages.iterdir()}
    assert {"facemtl", "numpy", "cv2", "ai_edge_litert"} <= there
    assert not {"tensorflow", "keras", "matplotlib", "jinja2"} & there
    folders = [packages / "facemtl"]
    for name in needed(requirements(built)):
        folders += entries(name)
    files = {x for folder in folders for x in (folder, *folder.rglob("*"))}
    size = sum(x.stat().st_size for x in files if x.is_file())
    assert 200e6 < size < MOST


def test_it_predicts(facemtl, tmp_path):
    faces = synthetic_faces(1, seed=31)
    photo = faces.images.read(faces.names[0])
    cv2.imwrite(str(tmp_path / "photo.png"), photo[..., ::-1])
    done = facemtl("predict", "photo.png", "--json", "faces.json")
    assert (done.returncode, done.stderr) == (0, "")
    (face,) = json.loads((tmp_path / "faces.json").read_text())[0]["faces"]
    assert len(face["points"]) == 5


@pytest.mark.parametrize("words", COMMANDS)
def test_other_commands_name_their_extra(facemtl, tmp_path, words):
    done = facemtl(*words.split())
    verb = re.match("[a-z]+( check)?(?= |$)", words)[0]
    said = needs(f"facemtl {verb}", "TensorFlow", COMMANDS[words])
    assert (done.stderr, done.returncode) == (f"error: {said}\n", 2)
    assert list(tmp_path.iterdir()) == []
