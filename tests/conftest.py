"""What all tests share: a quiet TensorFlow, the real data where they are."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).parent.parent
# Real faces lie beside the checkout where it is developed, or in data/.
MTFL_FOLDERS = (ROOT.parent / "shared/MTFL", ROOT / "data/MTFL")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the real faces, leave their tests out, and say why."""
    if any(folder.is_dir() for folder in MTFL_FOLDERS):
        return
    absent = pytest.mark.skip(reason="needs MTFL in data/MTFL")
    for item in items:
        if item.get_closest_marker("mtfl"):
            item.add_marker(absent)


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
