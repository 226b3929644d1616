"""Measure what `pip install facemtl` takes, in new environments.

    python benchmarks/install_size.py --python python3.11 --python python3.13

For each Python: builds the wheel, installs it into a new environment without
extras, and predicts a drawn face there. For the first Python also with the
extras `train` and `all`; and the newest versions of other packages, without the
networks that they download. Sizes are those that `du` shows, without Python,
pip and setuptools, which any environment has. It needs a package index and 6 GB
of disk. The result is `benchmarks/install_size.json`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import RunFailed
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_json
from facemtl.process.cli import run

ROOT = Path(__file__).resolve().parent.parent
FILE = Path(__file__).with_suffix(".json")
COMMAND = "python benchmarks/install_size.py"
PARTS = ("facemtl", "tuning", "export", "setup.py", "pyproject.toml")
TEXTS = ("README.md", "LICENSE")
EXTRAS = ("train", "all")
# dlib itself has no wheels.
PEERS = ("insightface", "mediapipe", "dlib-bin")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure each environment; write and print the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--python", metavar="PATH", action="append", help="an interpreter"
    )
    parser.add_argument("--out", metavar="FILE", default=FILE)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    pythons = args.python or [sys.executable]
    installs = [(python, "") for python in pythons]
    installs += [(pythons[0], extra) for extra in EXTRAS]
    with TemporaryDirectory(prefix="install_size_") as folder:
        wheel = build(Path(folder))
        rows = []
        for python, extra in installs:
            rows.append(measure(python, extra, wheel, Path(folder)))
            print(rows[-1], flush=True)
        peers = [installed(pythons[0], x, Path(folder)) for x in PEERS]
    result = {"command": COMMAND, "rows": rows, "peers": peers}
    write_json(result, args.out)
    return 0


def build(folder: Path) -> Path:
    """Build the wheel, from a copy: the checkout keeps no build."""
    source = folder / "source"
    for name in PARTS + TEXTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, symlinks=True)
        else:
            shutil.copy(ROOT / name, source / name)
    call(
        sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", folder, source
    )
    (wheel,) = folder.glob("facemtl-*.whl")
    return wheel


def measure(
    python: str, extra: str, wheel: Path, folder: Path
) -> dict[str, Any]:
    """Install the wheel into a new environment; return a row."""
    given = f"{wheel}[{extra}]" if extra else str(wheel)
    with environment(python, given, folder) as (env, row):
        faces = predicted(env, folder)
    return {**row, "extra": extra, "faces": faces}


def installed(python: str, peer: str, folder: Path) -> dict[str, Any]:
    """Install another package into a new environment; return a row."""
    with environment(python, peer, folder) as (env, row):
        code = f"import importlib.metadata as m; print(m.version('{peer}'))"
        version = call(env / "bin/python", "-c", code).strip()
    return {**row, "package": f"{peer} {version}"}


@contextmanager
def environment(
    python: str, given: str, folder: Path
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Make an environment with a package; yield it and what it takes."""
    env = folder / "env"
    call(python, "-m", "venv", env)
    before = size(env), packages(env)
    started = time.monotonic()
    call(env / "bin/python", "-m", "pip", "install", given)
    seconds = time.monotonic() - started
    yield (
        env,
        {
            "python": call(env / "bin/python", "--version").split()[1],
            "MB": round((size(env) - before[0]) / 1e6),
            "packages": packages(env) - before[1],
            "seconds": round(seconds),
        },
    )
    shutil.rmtree(env)


def predicted(env: Path, folder: Path) -> int:
    """Predict a drawn photo with the command; return the number of faces."""
    faces = synthetic_faces(1, seed=31)
    photo = folder / "photo.png"
    cv2.imwrite(str(photo), faces.images.read(faces.names[0])[..., ::-1])
    table = folder / "faces.csv"
    call(env / "bin/facemtl", "predict", photo, "--csv", table)
    return len(table.read_text("utf-8").splitlines()) - 1


def size(folder: Path) -> int:
    """Return the bytes on the disk, as du does."""
    return sum(x.lstat().st_blocks * 512 for x in folder.rglob("*"))


def packages(env: Path) -> int:
    """Return the number of installed packages."""
    return len(list(env.glob("lib/python*/site-packages/*.dist-info")))


def call(*words: object) -> str:
    """Run a program without this checkout; return what it printed."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [str(word) for word in words]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    if done.returncode:
        last = (done.stderr.strip() or "no words").splitlines()[-1]
        raise RunFailed(f"Expected {command[0]} to succeed. Received: {last}")
    return done.stdout


if __name__ == "__main__":
    run(main)
