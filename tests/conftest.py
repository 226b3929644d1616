"""What all tests share: a quiet TensorFlow, the real data where they are."""

import gc
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# One thread a test, of which two run: two threads take half as much again for
# the same small steps. `train.threads` goes before it.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
# No test reads or writes the user's cache of crops.
os.environ["FACEMTL_CACHE"] = ""
# npm and others keep files at home, which some users have not.
if not os.access(Path.home(), os.W_OK):
    HOME = tempfile.TemporaryDirectory(prefix="home_")
    os.environ["HOME"] = HOME.name
ROOT = Path(__file__).parent.parent
# Real faces lie beside the checkout where it is developed, or in data/.
MTFL_FOLDERS = (ROOT.parent / "shared/MTFL", ROOT / "data/MTFL")
# They train or build: every test that asks for one of them is slow.
SLOW_FIXTURES = {"run_folder", "unbroken", "wheel"}
# Files of a minute or more, which begin first: the last one to end keeps the
# other worker waiting.
LONGEST = (
    *("test_killed_studies.py", "test_export.py", "test_any_data.py"),
    *("test_search_command.py", "test_values_trained.py"),
    *("test_killed_commands.py", "test_worker_place.py", "test_processes.py"),
    *("test_export_command.py", "test_compare.py", "test_docs_commands.py"),
    "test_resume.py",
)
# A file whose tests are all skipped at its import leaves none to run.
NOT_FAILED = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def pytest_collection_finish() -> None:
    """Look for garbage among what tests make, not among what is imported."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let CI, which can run every test, insist on it."""
    parser.addoption(
        "--fail-on-skip",
        action="store_true",
        help="fail if any test is skipped, and say which and why",
    )


def _skipped(config: pytest.Config) -> list[str]:
    """Each skipped test, or file of tests, with its reason."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    # Workers of pytest-xdist have no reporter: their parent has it all.
    reports = reporter.stats.get("skipped", []) if reporter else []
    return [f"{x.nodeid}: {x.longrepr[2]}" for x in reports]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With `--fail-on-skip`, make skipped tests a failure of the run."""
    asked = session.config.getoption("fail_on_skip")
    if asked and exitstatus in NOT_FAILED and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Name the tests whose skip made the run fail."""
    skipped = _skipped(config)
    if config.getoption("fail_on_skip") and skipped:
        terminalreporter.section("skipped, and so failed", red=True)
        terminalreporter.line(
            "Expected no skipped test (--fail-on-skip). Received "
            f"{len(skipped)}. Install what they need, or leave the option out:"
        )
        for line in skipped:
            terminalreporter.line(line)


@pytest.hookimpl(tryfirst=True)  # before pytest selects by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what a fixture makes slow; leave out what lacks real faces.

    The longest files begin first.
    """
    place = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))
    for item in items:
        if SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    if any(folder.is_dir() for folder in MTFL_FOLDERS):
        return
    absent = pytest.mark.skip(reason="needs MTFL in data/MTFL")
    for item in items:
        if item.get_closest_marker("mtfl"):
            item.add_marker(absent)


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give tests of all workers one folder for what takes long to make."""
    folder = tmp_path_factory.getbasetemp()
    worker = "PYTEST_XDIST_WORKER" in os.environ
    os.environ["SHARED_BY_TESTS"] = str(folder.parent if worker else folder)
    if find_spec("cv2"):  # Tests of facemtl.mtl alone run without it.
        from drawn import keep_drawn

        keep_drawn(os.environ["SHARED_BY_TESTS"])


@pytest.fixture(scope="session")
def mtfl_root() -> Path:
    """The folder of the real faces."""
    return next(folder for folder in MTFL_FOLDERS if folder.is_dir())


@pytest.fixture(autouse=True)
def _default_policy():
    """Leave Keras's precision and names as each test found them."""
    yield
    import sys

    if "keras" in sys.modules:
        import keras

        keras.config.set_dtype_policy("float32")
