"""The Makefile's goals and CI's script, on machines that lack something."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# A shell script in the place of Python: it fails where a pattern is met.
PYTHON = """#!/bin/sh
case "$*" in
  {fails}) echo Traceback >&2; exit 1 ;;
  --version) echo "Python {version}"; exit 0 ;;
esac
exec '{python}' "$@"
"""
STUB_MAKE = '#!/bin/sh\necho "$*"\n'


def make(folder, *words):
    """`make`, as if no other `make` had started these tests."""
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
    # Variables of its command line, as in `make test PYTHON=python3.12`.
    outer |= {"PYTHON", "VENV", "LITE", "CONSTRAINTS", "TEST_OPTIONS"}
    env = {k: v for k, v in os.environ.items() if k not in outer}
    return subprocess.run(
        ["make", *words], capture_output=True, text=True, cwd=folder, env=env
    )


@pytest.fixture
def project(tmp_path):
    """A clone, as far as the set-up goes, in a folder with spaces."""
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    for name in ("Makefile", "setup.py", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


def stub(folder, text, name):
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)
    return folder / name


def refused(project, python):
    """The one line of an error that a goal ends with."""
    done = make(project, "fit", f"PYTHON={python}")
    assert done.returncode == 2
    assert not (project / ".venv").exists()
    error, end = done.stderr.splitlines()
    assert end.startswith("make: *** ")
    return error


def test_what_python_compiles_is_kept(project, monkeypatch):
    """Whatever the environment says: pip compiles nothing."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    shown = "show:; @echo $${PIP_COMPILE} $${PYTHONDONTWRITEBYTECODE:-unset}"
    done = make(project, "--silent", "--eval", shown, "show")
    assert done.stdout == "no unset\n", done.stderr


def test_a_missing_python_is_one_line(project):
    error = refused(project, "no-such-python")
    assert error.startswith("error: Expected Python 3.11 to 3.13. Received: ")
    assert "no-such-python: not found" in error
    assert error.endswith("Set another, as in make PYTHON=python3.12")


@pytest.mark.parametrize("version", ["2.7.18", "3.10.14", "3.14.0"])
def test_a_wrong_python_is_one_line(project, version):
    text = PYTHON.format(
        fails="*version_info*", version=version, python=sys.executable
    )
    python = stub(project, text, "python")
    assert refused(project, python) == (
        f"error: Expected Python 3.11 to 3.13. Received: {python} (Python "
        f"{version}). Set another, as in make PYTHON=python3.12"
    )


def test_a_python_without_venv_is_one_line(project):
    text = PYTHON.format(fails="*venv*", version="", python=sys.executable)
    python = stub(project, text, "python")
    assert refused(project, python) == (
        "error: Expected Python's modules venv and ensurepip. Received: "
        f"{python} without them. On Debian or Ubuntu, install python3-venv; "
        "or set another, as in make PYTHON=python3.12"
    )


def test_a_python_that_does_is_taken_wherever_it_is(project):
    """Up to pip: the package itself is not here to be installed."""
    (project / "setup.py").write_text("")
    text = '#!/bin/sh\n[ "$1" = -c ] || { echo "made: $*"; exit 3; }\n'
    done = make(project, "fit", f"PYTHON={stub(project, text, 'python')}")
    assert "made: -m venv .venv\n" in done.stdout


def dry_run(goal, *words):
    """What a goal would do where nothing is installed."""
    done = make(ROOT, "--dry-run", "--always-make", goal, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\\\n", "")


def pytest_command(goal, *words):
    found = re.findall(r"^.*-m pytest.*$", dry_run(goal, *words), re.MULTILINE)
    (command,) = found
    return command


@pytest.mark.parametrize("goal", ["test", "test-fast"])
def test_options_reach_pytest(goal):
    assert pytest_command(goal, "TEST_OPTIONS=-x").endswith(" -x")


@pytest.mark.parametrize(
    ("goal", "file"),
    [("test", "constraints.txt"), ("test-lowest", "constraints-lowest.txt")],
)
def test_every_package_of_the_tests_is_pinned(goal, file):
    installs = re.findall(r"^.* pip install .*$", dry_run(goal), re.MULTILINE)
    # pip itself, the package, and the environment without TensorFlow.
    assert len(installs) == 3
    assert {f"--constraint {file} " in line for line in installs} == {True}


@pytest.mark.parametrize("changed", ["setup.py", "constraints.txt"])
def test_other_versions_are_installed_again(project, changed):
    ready = project / ".venv/.ready"
    ready.parent.mkdir()
    ready.touch()
    for name in ("setup.py", "constraints.txt"):
        os.utime(project / name, (1, 1))
    words = ("lint", f"PYTHON={sys.executable}", "--dry-run")
    assert "pip install" not in make(project, *words).stdout
    later = ready.stat().st_mtime + 1
    os.utime(project / changed, (later, later))
    assert "pip install" in make(project, *words).stdout


def test_an_audit_that_sees_no_database_fails():
    """Without --strict, pip-audit skips what it cannot look up, status 0."""
    assert re.search("pip-audit .*--strict .*constraints.txt", dry_run("audit"))


def test_a_canary_takes_release_candidates_and_options():
    done = dry_run("canary", "TEST_OPTIONS=-x")
    assert done.count("install --quiet --upgrade --pre ") == 2
    assert "--constraint" not in done
    assert done.rstrip().endswith('or lite or mtfl)" -x')


def test_each_environment_has_its_own_without_tensorflow():
    done = dry_run("test", "VENV=/tmp/other")
    assert "/tmp/other-lite/bin/python -m pip install" in done
    assert ".venv" not in done


def test_the_fast_tests_leave_out_what_takes_time_or_a_program(pytestconfig):
    command = pytest_command("test-fast")
    left_out = set(re.search(r"not \((.*)\)", command)[1].split(" or "))
    assert left_out == {"slow", "browser", "npm", "lite", "mtfl"}
    known = pytestconfig.getini("markers")
    assert left_out <= {line.split(":")[0] for line in known}
    assert "-m" not in pytest_command("test").replace("-m pytest", "")


def test_ci_runs_the_readmes_goals_and_lets_no_test_drop_out(tmp_path):
    stub(tmp_path, STUB_MAKE, "make")
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [str(ROOT / ".ci/run")]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    goals = "lint docs test TEST_OPTIONS=--fail-on-skip --durations=40"
    assert done.stdout == f"--jobs=2 {goals}\n"


def test_help_names_every_goal():
    text = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", "")
    goals = set(re.search(r"\.PHONY: (.*)", text)[1].split())
    named = re.findall(r"^make (\S+)", make(ROOT, "help").stdout, re.MULTILINE)
    # browser and test-mtl are parts of test.
    assert set(named) == goals - {"browser", "test-mtl", "help"}
