"""The package as pip builds it, from a copy of the sources.

What an earlier build left in `build/` would stand for what is missing.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PARTS = ("facemtl", "tuning", "export", "setup.py", "pyproject.toml")


def python(*words, executable=sys.executable, **more):
    return subprocess.run(
        [str(executable), *map(str, words)],
        capture_output=True,
        text=True,
        **more,
    )


def sources(folder):
    """A copy of what the package is built from, with its links."""
    kept = shutil.ignore_patterns("__pycache__", "node_modules", "dist")
    for name in (*PARTS, "README.md", "LICENSE"):
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, symlinks=True, ignore=kept
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def build_wheel(source, folder):
    done = python(
        *("-m", "pip", "wheel", "--no-deps", "--quiet"),
        *("--wheel-dir", folder, source),
    )
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("facemtl-*.whl")
    return file


def build_sdist(source, folder):
    done = python(
        *("setup.py", "--quiet", "sdist", "--dist-dir", folder), cwd=source
    )
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("facemtl-*.tar.gz")
    return file


def names_of(built):
    with zipfile.ZipFile(built) as opened:
        return {name for name in opened.namelist() if ".dist-info/" not in name}


def light_environment(wheel, folder):
    """An environment with the wheel, and what it requires without extras.

    pip would install the same; links need no index, and no time.
    """
    assert python("-m", "venv", "--without-pip", folder).returncode == 0
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in needed(requirements(wheel)):
        for entry in entries(name):
            if not (packages / entry.name).exists():
                (packages / entry.name).symlink_to(entry)
    done = python(
        *("-m", "pip", "--python", folder / "bin/python", "install"),
        *("--quiet", "--no-deps", "--no-index", wheel),
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert done.returncode == 0, done.stderr
    return folder


def requirements(wheel):
    """The wheel's requirements, without extras."""
    lines = metadata(wheel).splitlines()
    found = [x for x in lines if x.startswith("Requires-Dist: ")]
    return [x.removeprefix("Requires-Dist: ") for x in found]


def needed(requirements):
    """The distributions that requirements need, and those need in turn."""
    to_do, seen = list(requirements), set()
    while to_do:
        one = Requirement(to_do.pop())
        asked = one.marker is None or one.marker.evaluate({"extra": ""})
        if asked and one.name not in seen:
            seen.add(one.name)
            to_do += distribution(one.name).requires or []
    return sorted(seen)


def entries(name):
    """A distribution's files and folders in site-packages."""
    files = distribution(name).files or []
    tops = {file.parts[0] for file in files} - {"..", "__pycache__"}
    return [Path(distribution(name).locate_file(top)) for top in sorted(tops)]


def metadata(wheel):
    with zipfile.ZipFile(wheel) as opened:
        (name,) = [x for x in opened.namelist() if x.endswith("/METADATA")]
        return opened.read(name).decode("utf-8")
