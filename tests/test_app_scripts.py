"""The apps' scripts in a folder with spaces, and with a Python that fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

APPS = Path(__file__).parent.parent / "export/apps"
# Script, the variable that sets its Python, and what it takes.
SCRIPTS = {
    "batch/run.sh": ("PYTHON", "Python 3.11 to 3.13"),
    "batch/check.sh": ("PYTHON", "Python 3.11 to 3.13"),
    "server/run.sh": ("PYTHON", "Python 3.11 to 3.12"),
    "server/check.sh": ("PYTHON", "Python 3.11 to 3.12"),
    "server/attack.sh": ("PYTHON", "Python 3.11 to 3.12"),
    "older_tensorflow/check.sh": ("OLDER_PYTHON", "Python 3.10 to 3.11"),
}
# What is in the environment is a Python that says each word it was given.
MAKES = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p "$3/bin"
  for program in python mlserver; do
    printf '#!/bin/sh\\nprintf "<%%s>" "$@"\\n' > "$3/bin/$program"
    chmod +x "$3/bin/$program"
  done
fi
"""
LACKS = """#!/bin/sh
case "$*" in
  *{lacks}*) echo Traceback >&2; exit 1 ;;
  --version) echo "Python 3.9.2" ;;
esac
"""


@pytest.fixture
def apps(tmp_path):
    """The scripts of a checkout, in a folder with spaces."""
    folder = tmp_path / "a folder with spaces"
    only = shutil.ignore_patterns("*.py", "*.js*", "*.md", "web", "check")
    shutil.copytree(APPS, folder / "export/apps", ignore=only)
    return folder / "export/apps"


def stub(apps, text, name="a python"):
    (apps / name).write_text(text)
    (apps / name).chmod(0o755)
    return str(apps / name)


def run(apps, script, *words, **env):
    # older_tensorflow asks for a Python with facemtl first.
    env = {**os.environ, "PYTHON": sys.executable, **env}
    command = [str(apps / script), *words]
    return subprocess.run(command, capture_output=True, text=True, env=env)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_wrong_python_is_one_line(apps, script):
    variable, expected = SCRIPTS[script]
    python = stub(apps, LACKS.format(lacks="version_info"))
    done = run(apps, script, **{variable: python})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: Expected {expected}. Received: {python} (Python 3.9.2). "
        f"Set {variable}=...\n"
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_missing_python_is_not_replaced_by_another(apps, script):
    variable, expected = SCRIPTS[script]
    done = run(apps, script, **{variable: "no-such-python"})
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"error: Expected {expected}. Received: ")
    assert "no-such-python: command not found" in done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_python_without_venv_is_one_line(apps, script):
    variable, _ = SCRIPTS[script]
    python = stub(apps, LACKS.format(lacks="venv"))
    done = run(apps, script, **{variable: python})
    assert done.returncode == 2
    assert done.stderr == (
        "error: Expected Python's modules venv and ensurepip. Received: "
        f"{python} without them. On Debian or Ubuntu, install python3-venv, "
        f"or set {variable}=...\n"
    )


def test_the_server_has_a_preset_by_default(apps):
    prints = MAKES.replace('"$@"', '"$FACEMTL_MODEL"')
    done = run(apps, "server/run.sh", PYTHON=stub(apps, prints))
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("<base>")


@pytest.mark.parametrize("app", ["batch", "server"])
def test_spaces_split_no_word(apps, app):
    python = stub(apps, MAKES)
    done = run(apps, f"{app}/run.sh", "my photos", PYTHON=python)
    assert done.returncode == 0, done.stderr
    root = apps.parent.parent
    installed = (root / f"build/{app}/install.log").read_text("utf-8")
    requirements = apps / app / "requirements.txt"
    words = ("--requirement", requirements, "--editable", f"{root}[train]")
    assert "".join(f"<{word}>" for word in words) in installed
    models = apps / "server/models"
    served = f"<-m><facemtl.export.apps.server.serve><{models}>"
    module = "<-m><facemtl.export.apps.batch.batch><my photos>"
    assert done.stdout.endswith(module if app == "batch" else served)
