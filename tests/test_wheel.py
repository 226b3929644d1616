"""The package as pip installs it: whole, alone, and with its types."""

import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from wheel_case import ROOT, build_wheel, names_of, python, sources

from facemtl.presets import NAMES

LINKS = ("tuning", "export")
# Beside modules, but for people, or for scripts that need a checkout.
NO_DATA = {".py", ".pyc", ".md", ".sh"}
NOT_SHIPPED = {
    "facemtl/export/apps/batch/requirements.txt",
    "facemtl/export/apps/batch/result.json",
}
# What `pip install facemtl` does not bring: only the batch job, or a run of
# facemtl.mtl on PyTorch, needs it.
OTHERS = {"ray", "pyarrow", "torch"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory):
    source = sources(tmp_path_factory.mktemp("source"))
    return build_wheel(source, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def installed(wheel_file, tmp_path_factory):
    """The wheel's files, as in site-packages."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel_file) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture
def alone(installed, tmp_path):
    """Runs Python in an empty folder with no facemtl but the wheel's."""

    def run(*words):
        env = os.environ | {"PYTHONPATH": str(installed)}
        return python(*words, cwd=tmp_path, env=env)

    return run


def modules_in(folder):
    files = sorted((folder / "facemtl").rglob("*.py"))
    names = [
        ".".join(x.relative_to(folder).with_suffix("").parts) for x in files
    ]
    return [name.removesuffix(".__init__") for name in names]


def test_what_is_tested_is_the_wheel(alone, installed):
    done = alone("-c", "import facemtl.tuning; print(facemtl.__file__)")
    assert done.stdout == f"{installed}/facemtl/__init__.py\n"


def test_every_module_can_be_imported(alone, installed):
    names = [x for x in modules_in(installed) if not x.endswith("__main__")]
    assert len(names) > 200
    code = (
        "import importlib, os, sys\n"
        "from facemtl.process.cli import load_tensorflow\n"
        "load_tensorflow()\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except ModuleNotFoundError as error:\n"
        f"        assert error.name in {OTHERS}, (name, error)\n"
        "print(sorted(os.listdir()))\n"
    )
    done = alone("-c", code, *names)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


def test_every_command_answers_help_in_an_empty_folder(alone, installed):
    texts = {x: source(installed, x) for x in modules_in(installed)}
    mains = [x for x, text in texts.items() if '__name__ == "__main__"' in text]
    assert {"facemtl.fit", "facemtl.export.apps.plan"} <= set(mains)
    for name in mains:
        done = alone("-m", name.removesuffix(".__main__"), "--help")
        assert done.returncode == 0, (name, done.stderr)
        assert done.stdout.startswith("usage: "), name
        assert done.stderr == "", name


def source(folder, module):
    file = folder.joinpath(*module.split("."))
    file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
    return file.read_text(encoding="utf-8")


def test_a_plan_needs_nothing_but_the_wheel(alone):
    done = alone("-m", "facemtl.export.apps.plan", "--rate", "7")
    assert (done.returncode, done.stderr) == (0, "")
    assert "cores for 7/s" in done.stdout
    wrong = alone("-m", "facemtl.export.apps.plan", "--rate", "-1")
    assert wrong.returncode == 2
    assert wrong.stderr == "error: Expected --rate > 0. Received: -1.0.\n"


def test_a_batch_without_ray_is_one_line(alone, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/a.jpg").touch()
    words = ("-m", "facemtl.export.apps.batch.batch", "photos", "--out", "out")
    done = alone(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("error: Expected the package ray[data].")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_data_beside_modules_are_shipped(wheel_file):
    names = names_of(wheel_file)
    packages = {name.rpartition("/")[0] for name in names}
    beside = {
        file.relative_to(ROOT).as_posix()
        for package in packages
        for file in (ROOT / package).iterdir()
        if file.is_file() and file.suffix not in NO_DATA
    }
    assert len(beside) > 20
    assert {f"facemtl/presets/{x}.md" for x in NAMES} < names  # the cards
    assert "facemtl/presets/base_reliability.svg" in names  # their charts
    assert beside - names == NOT_SHIPPED
    shipped = {x for x in names if Path(x).suffix not in NO_DATA}
    assert shipped == beside - NOT_SHIPPED


def test_without_links_it_is_the_same_wheel(wheel_file, tmp_path):
    """As in a zip of the sources, or on Windows."""
    folder = sources(tmp_path)
    for name in LINKS:
        (folder / "facemtl" / name).unlink()
        (folder / "facemtl" / name).write_text(f"../{name}")
    assert names_of(build_wheel(folder, tmp_path)) == names_of(wheel_file)


def test_an_editable_install_serves_types(tmp_path):
    """A path, as type checkers do not follow pip's import hooks."""
    (tmp_path / "source").mkdir()
    source = sources(tmp_path / "source")
    target, env = tmp_path / "target", tmp_path / "env"
    done = python(
        *("-m", "pip", "install", "--no-deps", "--quiet"),
        *("--target", target, "--editable", source),
    )
    assert done.returncode == 0, done.stderr
    (path,) = target.glob("*.pth")
    assert path.read_text().strip() == str(source)
    assert python("-m", "venv", "--without-pip", env).returncode == 0
    (packages,) = env.glob("lib/python*/site-packages")
    shutil.copy(path, packages)
    code = tmp_path / "uses.py"
    code.write_text(
        "import facemtl\n"
        "from facemtl.tuning.place import Place\n"
        "reveal_type(facemtl.load_config)\n"
        "reveal_type(Place('worker0', 'host', 1).port)\n"
        "facemtl.load_confg\n"
    )
    done = python(
        *("-m", "mypy", "--python-executable", env / "bin/python"),
        *("--cache-dir", tmp_path / "cache", code.name),
        cwd=tmp_path,
    )
    first, second, third, _ = done.stdout.splitlines()
    # Older versions of mypy write the modules of names.
    assert re.search(r'-> (builtins\.)?dict\[(builtins\.)?str, Any\]"$', first)
    assert re.search(r'Revealed type is "(builtins\.)?int"$', second)
    assert '"load_confg"' in third
