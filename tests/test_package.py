"""The package as it is found: import paths, start-up, commands' help."""

import subprocess
import sys
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


def test_an_unknown_verb_is_told_in_one_line():
    done = python("-m", "facemtl", "fly")
    assert done.returncode == 2
    assert done.stderr.startswith("error: unknown verb 'fly'.\nusage: facemtl")
    assert python("-m", "facemtl").stdout.startswith("usage: facemtl")
