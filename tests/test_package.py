"""The package as it is found: import paths, start-up, commands' help."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import facemtl
from facemtl.__main__ import VERBS

ROOT = Path(facemtl.__file__).parent.parent


def python(*words):
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True
    )


def test_import_loads_neither_tensorflow_nor_keras():
    code = (
        "import sys, facemtl; print(sorted({'tensorflow', 'keras', 'cv2'} "
        "& set(sys.modules)))"
    )
    assert python("-c", code).stdout == "[]\n"


@pytest.mark.parametrize("verb", VERBS)
def test_help_loads_no_tensorflow(verb):
    code = (
        f"import sys; sys.argv = ['{verb}', '--help']\n"
        f"from facemtl.{verb} import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('tensorflow' in sys.modules)"
    )
    result = python("-c", code)
    assert result.stdout.startswith("usage: facemtl")
    assert result.stdout.endswith("False\n")


def test_every_public_name_is_there():
    for name in facemtl.__all__:
        assert getattr(facemtl, name) is not None
        assert name in dir(facemtl)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = facemtl.nothing


@pytest.mark.parametrize("part", ["tuning", "export"])
def test_top_level_folders_are_packages_of_facemtl(part):
    link = ROOT / "facemtl" / part
    assert link.is_symlink()
    assert link.resolve() == ROOT / part
    done = python("-c", f"import facemtl.{part} as x; print(x.__name__)")
    assert done.stdout == f"facemtl.{part}\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package as an index would get it."""
    folder = tmp_path_factory.mktemp("wheel")
    built = python(
        *("-m", "pip", "wheel", "--no-deps", "--quiet"),
        *("--wheel-dir", str(folder), str(ROOT)),
    )
    assert built.returncode == 0, built.stderr
    (file,) = folder.glob("facemtl-*.whl")
    with zipfile.ZipFile(file) as opened:
        yield opened


@pytest.mark.slow
def test_a_wheel_holds_the_whole_package(wheel):
    names = set(wheel.namelist())
    for part in ("tuning/__init__.py", "export/__init__.py", "py.typed"):
        assert f"facemtl/{part}" in names
    assert "facemtl/presets/default.toml" in names
    assert "facemtl/presets/base.tflite" in names
    assert not [n for n in names if n.startswith(("tests", "tuning", "data"))]


@pytest.mark.slow
def test_the_metadata_name_the_projects_home(wheel):
    text = metadata(wheel)
    urls = dict(re.findall(r"^Project-URL: (\w+), (\S+)$", text, re.M))
    assert urls.keys() == {"Source", "Documentation", "Changelog", "Issues"}
    assert all(url.startswith(urls["Source"]) for url in urls.values())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"git clone {urls['Source']}\n" in readme


@pytest.mark.slow
def test_links_and_pictures_work_on_an_index(wheel):
    """Each is absolute, and means a file that is there."""
    text = metadata(wheel)
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)]+)\)", text)
    assert len(pictures) >= 2
    assert len(links) >= 10
    home = "https://github.com/facemtl/facemtl/blob/main/"
    raw = "https://raw.githubusercontent.com/facemtl/facemtl/main/"
    for start, targets in ((raw, pictures), (home, links)):
        for target in targets:
            assert target.startswith("https://"), target
            file = target.removeprefix(start).partition("#")[0]
            assert (ROOT / file).exists(), target


def metadata(wheel):
    (name,) = [n for n in wheel.namelist() if n.endswith("/METADATA")]
    return wheel.read(name).decode("utf-8")


def test_an_unknown_verb_is_told_in_one_line():
    done = python("-m", "facemtl", "fly")
    assert done.returncode == 2
    assert done.stderr.startswith("error: unknown verb 'fly'.\nusage: facemtl")
    assert python("-m", "facemtl").stdout.startswith("usage: facemtl")
