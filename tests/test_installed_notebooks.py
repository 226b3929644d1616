"""The notebooks ran where only their first cell had installed facemtl."""

import importlib
import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILE = ROOT / "benchmarks/installed_notebooks.json"
NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))
TIMES = {
    "iopub.execute_input": "2026-01-01T10:00:00.000000Z",
    "shell.execute_reply": "2026-01-01T10:00:07.000000Z",
}


@pytest.fixture(autouse=True)
def beside(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


@pytest.fixture
def script():
    return importlib.import_module("installed_notebooks")


@pytest.fixture
def reading():
    return importlib.import_module("notebook_cells")


def cell(*outputs):
    return {"metadata": {"execution": TIMES}, "outputs": list(outputs)}


def stream(name, *lines):
    return {"output_type": "stream", "name": name, "text": list(lines)}


def test_every_notebook_ran_in_every_environment(script):
    result = json.loads(FILE.read_text("utf-8"))
    ran = [
        (x["python"][:4], x["setting"], x["notebook"]) for x in result["rows"]
    ]
    names = [file.stem for file in NOTEBOOKS]
    plan = script.planned(["3.12", "3.13"])
    assert ran == [(*each, name) for each in plan for name in names]
    assert {setting for _, setting in plan} == set(script.SETTINGS)
    for row in result["rows"]:
        assert row["error"] is None
        assert row["stderr"] == []
        assert row["versions"]["facemtl"]


def test_the_table_is_that_of_the_results(script):
    result = json.loads(FILE.read_text("utf-8"))
    assert FILE.with_suffix(".md").read_text("utf-8") == script.page(result)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_the_results_are_of_what_the_notebooks_install(reading, file):
    what, address = reading.installed_by(file)
    rows = json.loads(FILE.read_text("utf-8"))["rows"]
    assert {x["install"] for x in rows if x["notebook"] == file.stem} == {what}
    assert address == "https://github.com/facemtl/facemtl"


def test_colabs_tensorflow_and_numpy_are_older(script):
    """Else, the environment `colab` says nothing."""
    listed = Path(script.SETTINGS["colab"][1]).read_text("utf-8").splitlines()
    (row,) = (
        row
        for row in json.loads(FILE.read_text("utf-8"))["rows"]
        if (row["setting"], row["notebook"]) == ("colab", "train")
    )
    assert f"numpy=={row['versions']['numpy']}" in listed
    assert f"tensorflow=={row['versions']['tensorflow']}" not in listed
    assert any(line.startswith("tensorflow==") for line in listed)


def test_git_clones_the_checkout_for_the_address(script):
    address = "https://example.invalid/facemtl"
    env = os.environ | script.instead(address)
    words = ["git", "ls-remote", address, "HEAD"]
    done = subprocess.run(words, capture_output=True, text=True, env=env)
    head = script.call("git", "-C", ROOT, "rev-parse", "HEAD")
    # A clone of a clone has refs/remotes/origin/HEAD, too.
    assert done.stdout.split()[:2] == [head, "HEAD"], done.stderr


def test_the_checkout_is_no_part_of_what_runs(script, monkeypatch):
    for name in ("PYTHONPATH", "KERAS_BACKEND", "FACEMTL_CACHE"):
        monkeypatch.setenv(name, "here")
    seen = script.call("env", more={"IPYTHONDIR": "there"}).splitlines()
    assert "IPYTHONDIR=there" in seen
    assert not any(line.endswith("=here") for line in seen)


def test_what_is_not_committed_would_not_be_installed(script, monkeypatch):
    monkeypatch.setattr(script, "call", lambda *words: " M setup.py")
    with pytest.raises(script.InputError, match="Received: 1 changed file"):
        script.check_committed()


def test_what_came_of_cells(reading):
    conflict = (
        "ERROR: pip's dependency resolver does not …\n",
        "tf-keras 2.19.0 requires tensorflow<2.20,>=2.19, but you have "
        "tensorflow 2.21.0 which is incompatible.\n",
    )
    wrong = {"output_type": "error", "ename": "NameError", "evalue": "no x"}
    cells = [
        cell(stream("stdout", *conflict), stream("stderr", "of pip\n")),
        cell(stream("stderr", "a warning\n"), stream("stdout", "1\n")),
        cell(wrong, {**wrong, "evalue": "a later one"}),
    ]
    assert reading.told(cells) == {
        "error": "NameError: no x",
        "install_seconds": 7,
        "run_seconds": 14,
        "stderr": ["a warning"],
        "conflicts": ["tf-keras"],
    }
