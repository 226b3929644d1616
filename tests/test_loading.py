"""A network's file: missing, broken, or of another kind."""

import keras
import pytest

from facemtl.errors import InputError
from facemtl.models import FaceNetwork, load_model
from facemtl.tasks import LANDMARKS


def test_load_model_wants_a_file(tmp_path):
    for path in (tmp_path, tmp_path / "missing.keras"):
        with pytest.raises(InputError) as error:
            load_model(path)
        assert str(error.value) == (
            "Expected a run folder with model.keras, or a .keras file. "
            f"Received: {path}. Presets have names: tiny, base, "
            "large, points68."
        )


def test_load_model_tells_a_broken_file(tmp_path):
    file = tmp_path / "model.keras"
    FaceNetwork((LANDMARKS,), architecture="single", width=0.1).save(file)
    whole = file.read_bytes()
    for content in (whole[: len(whole) // 2], b"no zip", b""):
        file.write_bytes(content)
        with pytest.raises(InputError) as error:
            load_model(tmp_path)
        assert str(error.value).startswith(f"{file}: not a whole Keras file: ")
        assert "\n" not in str(error.value)


def test_load_model_tells_a_foreign_network(tmp_path):
    file = tmp_path / "other.keras"
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.save(file)
    with pytest.raises(InputError) as error:
        load_model(file)
    assert str(error.value) == (
        f"{file}: expected a facemtl network. Received: a Sequential."
    )
