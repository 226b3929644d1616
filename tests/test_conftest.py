"""What conftest.py gives all tests: `--fail-on-skip`, marks, a home."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent / "conftest.py"
PASSES = "def test_passes():\n    pass\n"
SKIPS = f"""
import pytest

{PASSES}

@pytest.mark.skipif(True, reason="needs a browser")
def test_marked():
    pass


@pytest.fixture(scope="module")
def browser():
    pytest.skip("needs Chromium")


@pytest.mark.parametrize("width", [360, 1200])
def test_of_a_fixture(browser, width):
    pass


@pytest.mark.mtfl
def test_of_real_faces():
    pass


@pytest.mark.xfail
def test_known_to_fail():
    raise AssertionError
"""
WHOLE_FILE = "import pytest\npytest.importorskip('no_such_package')\n"
EACH = {
    "test_it.py::test_marked: Skipped: needs a browser",
    "test_it.py::test_of_a_fixture[360]: Skipped: needs Chromium",
    "test_it.py::test_of_a_fixture[1200]: Skipped: needs Chromium",
    "test_it.py::test_of_real_faces: Skipped: needs MTFL in data/MTFL",
}
HEAD = "Expected no skipped test (--fail-on-skip). Received {}. "


AT_HOME = """
from pathlib import Path


def test_writes():
    (Path.home() / "file").write_text("")
"""
TRAINS = """
import pytest


@pytest.fixture
def run_folder():
    return "trained"


@pytest.fixture
def scores(run_folder):
    return run_folder


def test_trains(scores):
    pass


def test_does_not():
    pass
"""


def run(folder, text, *options, **env):
    tests = folder / "a project/tests"
    tests.mkdir(parents=True)
    (tests / "test_it.py").write_text(text)
    for file in (CONFTEST, CONFTEST.with_name("drawn.py")):
        shutil.copy(file, tests)
    (tests / "pytest.ini").write_text("[pytest]\nmarkers =\n  mtfl\n  slow\n")
    command = [sys.executable, "-m", "pytest", "-q", *options]
    command += ["-p", "no:cacheprovider", str(tests)]
    output = {"capture_output": True, "text": True}
    env = {**os.environ, **env}
    return subprocess.run(command, **output, cwd=tests, env=env)


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "loadfile")])
def test_each_skipped_test_is_named_and_the_run_fails(tmp_path, workers):
    done = run(tmp_path, SKIPS, "--fail-on-skip", *workers)
    assert done.returncode == 1, done.stdout + done.stderr
    assert HEAD.format(4) in done.stdout
    assert set(done.stdout.splitlines()) >= EACH
    assert "1 passed, 4 skipped, 1 xfailed" in done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_file_that_skips_itself_is_named(tmp_path, workers):
    done = run(tmp_path, WHOLE_FILE, "--fail-on-skip", *workers)
    assert done.returncode == 1, done.stdout + done.stderr
    assert HEAD.format(1) in done.stdout
    assert "test_it.py: Skipped: could not import" in done.stdout


def test_nothing_skipped_is_no_failure(tmp_path):
    done = run(tmp_path, PASSES, "--fail-on-skip", "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--fail-on-skip" not in done.stdout


def test_without_the_option_a_skipped_test_is_no_failure(tmp_path):
    done = run(tmp_path, SKIPS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--fail-on-skip" not in done.stdout


def test_a_failed_test_is_still_a_failure(tmp_path):
    done = run(tmp_path, "def test_fails():\n    assert 0\n", "--fail-on-skip")
    assert done.returncode == 1
    assert "1 failed" in done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_who_has_no_home_is_given_one(tmp_path, workers):
    done = run(tmp_path, AT_HOME, *workers, HOME=str(tmp_path / "missing"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "missing").exists()


def test_what_asks_for_a_trained_network_is_slow(tmp_path):
    done = run(tmp_path, TRAINS, "-m", "not slow")
    assert "1 passed, 1 deselected" in done.stdout
