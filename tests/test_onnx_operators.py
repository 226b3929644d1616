"""Activations that tf2onnx does not know are written in ONNX's operators."""

from pathlib import Path

import numpy as np
import pytest

from facemtl.errors import InputError
from facemtl.export.description import describe
from facemtl.export.onnx import write_onnx
from facemtl.inference.runtimes import onnx
from facemtl.models import FaceNetwork
from facemtl.tasks import SMILE

pytestmark = pytest.mark.slow


def exported(activation, folder):
    """A small network, and the file of it."""
    network = FaceNetwork(
        (SMILE,), width=0.1, architecture="single", activation=activation
    )
    file = folder / "model.onnx"
    write_onnx(network, describe(network, Path("model.keras")), file)
    return network, file


def test_gelu_predicts_as_in_keras(tmp_path):
    network, file = exported("gelu", tmp_path)
    crops = np.random.default_rng(0).uniform(0, 255, (3, 40, 40, 1))
    crops = crops.astype(np.float32)
    expected = np.asarray(network(crops)["smile"])
    np.testing.assert_allclose(
        onnx.load(file).answer(crops)["smile"], expected, atol=1e-6
    )


def test_an_operator_that_onnx_lacks_is_told(tmp_path):
    with pytest.raises(InputError, match=r"ONNX has operators.*Expm1\. Leave"):
        exported("celu", tmp_path)
    assert list(tmp_path.iterdir()) == []
