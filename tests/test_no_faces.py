"""Zero faces: no network sees an empty batch, on any machine.

oneDNN's convolutions refuse one, and TensorFlow uses them on some CPUs only.
"""

import numpy as np
import pytest
import tensorflow as tf
from export_case import mirrored_export, own_export, stitched_export

import facemtl
from facemtl.data.faces import BadRows
from facemtl.errors import InputError
from facemtl.export.check import check_export
from facemtl.export.saved_model import _endpoints
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes import load_network
from facemtl.inference.runtimes.keras import KerasRuntime
from facemtl.models import FaceNetwork
from facemtl.tasks import MTFL_TASKS, Task

JPEG = tf.io.encode_jpeg(np.zeros((50, 60, 3), "uint8"))
NO_BOXES = tf.zeros((0, 4))
TASKS = (*MTFL_TASKS, Task("age", "value"))
SHAPES = {"landmarks": (0, 5, 2), "pose": (0, 5), "age": (0, 1)}


def given(size, channels):
    """What each signature of a SavedModel is given, without a face."""
    crops = (0, size, size, channels)
    photo = tf.zeros((50, 60, 3), tf.uint8)
    return {
        "serving_default": {"crops": tf.zeros(crops)},
        "serving_uint8": {"crops": tf.zeros(crops, tf.uint8)},
        "faces": {"photo": photo, "boxes": NO_BOXES},
        "faces_jpeg": {"jpeg": JPEG, "boxes": NO_BOXES},
    }


class Strict:
    """A network that refuses an empty batch on every CPU."""

    tasks = (Task("age", "value"),)
    crop = CropSpec(8)
    sigma = {}

    def __call__(self, crops, training=False):
        n = tf.shape(crops)[0]
        tf.debugging.assert_positive(n)
        pixels = tf.cast(crops, tf.float32)
        return {"age": tf.reduce_mean(pixels, axis=(1, 2))}


@pytest.mark.parametrize("name", given(8, 1))
def test_a_signature_never_hands_on_an_empty_batch(name):
    function, *specs = _endpoints(Strict())[name]
    traced = tf.function(function, input_signature=specs)
    assert traced(*given(8, 1)[name].values())["age"].shape == (0, 1)


def test_a_signature_hands_on_what_it_is_given():
    function, *_ = _endpoints(Strict())["serving_uint8"]
    crops = np.arange(3 * 64).reshape(3, 8, 8, 1).astype("uint8")
    found = tf.function(function)(tf.constant(crops))["age"]
    np.testing.assert_allclose(found, crops.mean(axis=(1, 2)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "export", [stitched_export, own_export, mirrored_export]
)
@pytest.mark.parametrize("name", given(8, 1))
def test_a_saved_model_takes_no_face(export, name):
    folder = export()
    network = load_network(folder / "model.keras")
    size, _, channels = network.crop.shape
    model = tf.saved_model.load(folder / "saved_model")
    found = model.signatures[name](**given(size, channels)[name])
    for task in network.tasks:
        assert found[task.name].shape == task.no_predictions().shape


@pytest.mark.parametrize("blocks", ["tcdcn", "residual", "depthwise"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_network_takes_no_face(blocks, mirrored):
    network = FaceNetwork(TASKS, blocks=blocks, width=0.25, mirrored=mirrored)
    crops = np.zeros((0, 40, 40, 1), "uint8")
    ways = (
        network(crops),
        network(tf.constant(crops), training=True),
        network.predict(crops, verbose=0),
        network.predict(tf.constant(crops), verbose=0),
        KerasRuntime(network).predict(crops),
    )
    for found in ways:
        assert list(found) == [task.name for task in TASKS]
        for task, shape in SHAPES.items():
            assert found[task].shape == shape
            assert found[task].dtype == np.float32


def test_a_predictor_takes_a_photo_without_a_face():
    predictor = facemtl.Predictor.load("tiny")
    gray = np.full((80, 80, 3), 128, "uint8")
    assert predictor(gray) == []
    assert predictor(gray, []) == []
    assert predictor.batch([gray, gray]) == [[], []]
    assert predictor.batch([]) == []


@pytest.fixture
def missing(tmp_path):
    """A CSV whose only photo is not there."""
    header = "file,left,top,right,bottom,gender"
    (tmp_path / "faces.csv").write_text(f"{header}\na.jpg,0,0,9,9,male\n")
    return str(tmp_path / "faces.csv")


@pytest.mark.parametrize("twice", [False, True])
def test_nothing_is_scored_where_all_faces_are_skipped(missing, twice):
    faces = facemtl.read_csv(missing)
    with pytest.raises(InputError, match=r"all skipped\. 1 invalid row"):
        facemtl.evaluate_faces(
            load_network("tiny"), faces, BadRows(True), 0, twice
        )


@pytest.mark.slow
def test_an_export_is_not_checked_on_no_face(missing):
    with pytest.raises(InputError, match="at least one face whose photo"):
        check_export(own_export(), missing, BadRows(True), verbose=0)


def test_one_face_is_too_few_to_train_on(missing, tmp_path):
    config = facemtl.load_config(settings=[f"data.source={missing}"])
    with pytest.raises(InputError, match=r"at least 2 faces.* Received: 1"):
        facemtl.train(config, tmp_path / "run", skip_bad=True, verbose=0)
