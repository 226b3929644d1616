"""Networks of MTAN, NDDR and sluice units are exported as they predict."""

import keras
import numpy as np
import pytest

from facemtl.export.tflite import write_tflite
from facemtl.inference.runtimes import load_network
from facemtl.inference.sidecar import Sidecar
from facemtl.models import FaceNetwork
from facemtl.tasks import LANDMARKS, SMILE

CROPS = np.random.default_rng(0).integers(0, 256, (3, 40, 40, 1), np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["mtan", "nddr", "sluice"])
def test_a_tflite_file_predicts_as_keras(unit, tmp_path):
    keras.utils.set_random_seed(0)
    stitch = {"unit": unit, "stages": ["pool3", "fc"]}
    one = FaceNetwork(
        (LANDMARKS, SMILE),
        architecture="mtan" if unit == "mtan" else "cross_stitch",
        width=0.1,
        stitch=None if unit == "mtan" else stitch,
    )
    for weight in one.weights:  # unlike the start's, statistics included
        noise = np.random.default_rng(1).uniform(-0.1, 0.1, weight.shape)
        weight.assign(weight + noise)
    expected = {task: np.asarray(y) for task, y in one(CROPS).items()}
    file = tmp_path / "model_float32.tflite"
    write_tflite(one, Sidecar(one.tasks, one.crop), file)
    found = load_network(file).predict(CROPS)
    for task, prediction in expected.items():
        assert np.ptp(prediction, axis=0).max() > 1e-3, task
        np.testing.assert_allclose(found[task], prediction, atol=1e-5)
