"""Run the tests with the newest packages; write down what ran and what failed.

    make canary

installs release candidates into an environment of its own, and runs this in it
with the words for pytest. The result is `canary.json` and `canary.md` in the
folder `--out`.
"""

import argparse
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

from facemtl.errors import RunFailed
from facemtl.files.destinations import check_folder
from facemtl.files.writing import write_json, write_whole
from facemtl.markdown import table
from facemtl.process.cli import run

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    *("tensorflow", "keras", "keras-nightly", "numpy", "protobuf"),
    *("ai-edge-litert", "opencv-python-headless"),
    *("onnx", "onnxruntime", "tf2onnx"),
    *("keras-tuner", "scikit-learn", "scipy", "matplotlib", "jinja2"),
)
HEAD = """# Tests with release candidates

Made by `make canary`; {0}. Words for pytest: `{1}`.
{2} passed, {3} failed, {4} skipped.

"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run pytest; return 1 if a test failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", metavar="DIR", required=True)
    args, words = parser.parse_known_args(argv)  # The others are pytest's.
    out = check_folder(args.out, "--out")
    with TemporaryDirectory(prefix="canary_") as folder:
        file = Path(folder) / "tests.xml"
        command = [sys.executable, "-m", "pytest", *words]
        subprocess.run([*command, f"--junitxml={file}"], cwd=ROOT)
        if not file.exists():
            raise RunFailed(
                "Expected pytest to end. Received: no report of it."
            )
        result = counted(ElementTree.parse(file).getroot())
    result = {"words": words, **environment(), **result}
    out.mkdir(parents=True, exist_ok=True)
    write_json(result, out / "canary.json")
    write_whole(page(result), out / "canary.md")
    return 1 if result["failed"] else 0


def counted(root: ElementTree.Element) -> dict[str, Any]:
    """Return numbers of tests, and the names of those that failed."""
    cases = list(root.iter("testcase"))
    failed = [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
    skipped = sum(case.find("skipped") is not None for case in cases)
    passed = len(cases) - len(failed) - skipped
    return {"passed": passed, "skipped": skipped, "failed": sorted(failed)}


def environment() -> dict[str, Any]:
    """Return the versions of Python and of the packages.

    TensorFlow's candidates need keras-nightly, which has the same module as
    keras: `keras imported` tells which of them it is.
    """
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    code = "import keras; print(keras.__version__)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    versions["keras imported"] = done.stdout.strip() or "none"
    return {"python": platform.python_version(), "versions": versions}


def page(result: dict[str, Any]) -> str:
    """Return the result in Markdown."""
    failed = result["failed"]
    python = f"Python {result['python']}, {platform.system()}"
    words = " ".join(result["words"])
    numbers = (result["passed"], len(failed), result["skipped"])
    head = HEAD.format(python, words, *numbers)
    lines = [f"- failed: `{name}`" for name in failed]
    rows = list(result["versions"].items())
    parts = [table(("package", "version"), rows), "\n".join(lines)]
    return head + "\n\n".join(part for part in parts if part) + "\n"


if __name__ == "__main__":
    run(main)
