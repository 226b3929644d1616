"""Predictions of a face do not depend on the faces beside it, or their order.

TFLite files for one face a call, as the presets are, give the same bits. Other
runtimes choose kernels and the order of their sums by the size of a batch:
float32 then differs in its last bits, here by at most 3e-7 of a window.
"""

import json
import os
import subprocess
import sys
from functools import cache

import cv2
import numpy as np
import pytest
from export_case import mirrored_export, stitched_export

import facemtl
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.geometry.crops import crop, square_windows
from facemtl.inference.runtimes import load_network
from facemtl.inference.runtimes.keras import KerasRuntime
from facemtl.models import FaceNetwork
from facemtl.tasks import MTFL_TASKS

PRESETS = ("tiny", "base", "large")
SIZES = (1, 2, 7, 64)
LAST_BITS = 1e-6
FACES = synthetic_faces(64, seed=5)
ORDER = np.random.default_rng(0).permutation(len(FACES))
SCRIPT = """
import sys
import numpy as np
from tests.test_same_predictions import base_like, crops
x = crops(base_like().crop)
np.savez(sys.argv[1], **base_like().predict(x))
"""


@cache
def crops(spec):
    """Crops (64, S, S, C) of the drawn faces."""
    photos = [FACES.images.read(name) for name in FACES.names]
    windows = square_windows(FACES.boxes, spec.margin)
    return np.stack(
        [
            crop(photo, window, spec.size, spec.color)
            for photo, window in zip(photos, windows, strict=True)
        ]
    )


@cache
def base_like(mirrored=False):
    """An untrained network with the layers of `base`."""
    import keras

    keras.utils.set_random_seed(0)
    return KerasRuntime(
        FaceNetwork(
            MTFL_TASKS,
            blocks="residual",
            channels=[16, 48, 64, 96, 128],
            landmarks="heatmap",
            mirrored=mirrored,
        )
    )


def largest_difference(one, other):
    """Of all numbers of two predictions, by their tasks."""
    assert one.keys() == other.keys()
    return max(float(np.abs(one[task] - other[task]).max()) for task in one)


def check_batches(network, limit):
    """Predict in batches of several sizes, and in another order."""
    x = crops(network.crop)
    wanted = network.predict(x)
    # Other faces have other predictions: not all differences are 0 at once.
    assert largest_difference(wanted, network.predict(x[ORDER])) > 100 * limit
    for size in SIZES:
        parts = [
            network.predict(x[i : i + size]) for i in range(0, len(x), size)
        ]
        joined = {k: np.concatenate([y[k] for y in parts]) for k in wanted}
        assert largest_difference(joined, wanted) <= limit, size
        cut = network.predict(x, batch_size=size)
        assert largest_difference(cut, wanted) <= limit, size
    shuffled = network.predict(x[ORDER], batch_size=7)
    ordered = {task: y[ORDER] for task, y in wanted.items()}
    assert largest_difference(shuffled, ordered) <= limit


@pytest.mark.parametrize("preset", PRESETS)
def test_a_presets_predictions_are_the_same_bits_in_any_batch(preset):
    check_batches(load_network(preset), limit=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("mirrored", [False, True], ids=["plain", "mirrored"])
def test_a_keras_networks_predictions_are_the_same_in_any_batch(mirrored):
    check_batches(base_like(mirrored), LAST_BITS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("export", "name", "limit"),
    [
        (stitched_export, "model_float32.tflite", 0.0),
        (stitched_export, "model_int8.tflite", 0.0),
        (stitched_export, "model_float32_batch.tflite", LAST_BITS),
        (stitched_export, "model_float16_batch.tflite", LAST_BITS),
        (stitched_export, "model_int8_batch.tflite", 0.0),
        (stitched_export, "model.onnx", LAST_BITS),
        (stitched_export, "saved_model", LAST_BITS),
        (stitched_export, "model.keras", LAST_BITS),
        (mirrored_export, "model_float32.tflite", 0.0),
        (mirrored_export, "model.onnx", LAST_BITS),
        (mirrored_export, "saved_model", LAST_BITS),
    ],
)
def test_a_formats_predictions_are_the_same_in_any_batch(export, name, limit):
    check_batches(load_network(export() / name), limit)


@pytest.mark.slow
def test_predictions_without_onednn_are_the_same(tmp_path):
    """Its convolutions sum in another order than TensorFlow's own."""
    file = tmp_path / "predictions.npz"
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(file)],
        check=True,
        capture_output=True,
        env={
            **os.environ,
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
    )
    with np.load(file) as kept:
        without = dict(kept)
    wanted = base_like().predict(crops(base_like().crop))
    assert largest_difference(without, wanted) <= 1e-5


def photo_of_many(n, seed):
    """Drawn faces in a row: a photo, and a box (N, 4) round each.

    Every second box is badly placed, so that its face has a second pass.
    """
    faces = synthetic_faces(n, seed=seed)
    photos = [faces.images.read(name) for name in faces.names]
    height = min(len(photo) for photo in photos)
    lefts = np.cumsum([0, *(photo.shape[1] for photo in photos[:-1])])
    boxes = faces.boxes + np.stack([lefts, 0 * lefts] * 2, axis=1)
    off = 0.25 * (boxes[:, 2:] - boxes[:, :2]) * (np.arange(n) % 2)[:, None]
    boxes += np.concatenate([off, off], axis=1)
    return np.hstack([photo[:height] for photo in photos]), boxes


def numbers(face):
    """All that is predicted of a face, in one row."""
    points = [value for point in face.points.values() for value in point]
    shares = [
        share
        for attribute in face.attributes.values()
        for share in attribute.probabilities.values()
    ]
    return np.array([*points, *shares, *face.box])


def rows(faces):
    return np.stack([numbers(face) for face in faces])


@pytest.mark.parametrize("preset", ["base", "large"])
def test_a_face_is_the_same_beside_others_and_in_any_order(preset):
    """With a second pass of some, and mirror images (`large`)."""
    predictor = facemtl.Predictor.load(preset)
    photo, boxes = photo_of_many(9, seed=2)
    wanted = rows(predictor(photo, boxes))
    once = facemtl.Predictor.load(preset, second_look=False)
    passes = np.abs(rows(once(photo, boxes)) - wanted).max(axis=1) > 0
    assert 3 <= passes.sum() < 9  # some faces have two passes, some one
    alone = [predictor(photo, box[None])[0] for box in boxes]
    np.testing.assert_array_equal(rows(alone), wanted)
    order = np.random.default_rng(1).permutation(9)
    np.testing.assert_array_equal(
        rows(predictor(photo, boxes[order])), wanted[order]
    )


def test_a_photo_is_the_same_beside_other_photos():
    predictor = facemtl.Predictor.load("tiny")
    photos, boxes = zip(*(photo_of_many(n, n) for n in (3, 1, 6)), strict=True)
    alone = [
        rows(predictor(*given)) for given in zip(photos, boxes, strict=True)
    ]
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        together = predictor.batch(
            [photos[i] for i in order], [boxes[i] for i in order]
        )
        for i, faces in zip(order, together, strict=True):
            np.testing.assert_array_equal(rows(faces), alone[i])


def test_detected_faces_are_the_same_beside_other_photos():
    predictor = facemtl.Predictor.load("tiny")
    photos = [photo_of_many(n, n)[0] for n in (3, 2)]
    alone = [predictor(photo) for photo in photos]
    assert sum(map(len, alone)) >= 3
    for wanted, found in zip(alone, predictor.batch(photos), strict=True):
        np.testing.assert_array_equal(rows(found), rows(wanted))


def test_the_command_predicts_a_photo_as_beside_others(tmp_path):
    from facemtl.predict.command import main

    files = []
    for n in (3, 1, 2):
        files.append(str(tmp_path / f"{n}.png"))
        cv2.imwrite(files[-1], photo_of_many(n, n)[0][..., ::-1])
    found = {}
    for i, order in enumerate((files, files[::-1], *([x] for x in files))):
        out = tmp_path / f"{i}.json"
        assert main([*order, "--model", "tiny", "--json", str(out)]) == 0
        for entry in json.loads(out.read_text("utf-8")):
            found.setdefault(entry["file"], []).append(entry["faces"])
    assert list(map(len, found.values())) == [3, 3, 3]
    for some in found.values():
        assert some[0]
        assert some[0] == some[1] == some[2]


@pytest.mark.slow
def test_a_keras_networks_faces_are_the_same_beside_others():
    predictor = facemtl.Predictor(base_like())
    photo, boxes = photo_of_many(9, seed=2)
    alone = [predictor(photo, box[None])[0] for box in boxes]
    sides = (boxes[:, 2:] - boxes[:, :2]).max()
    np.testing.assert_allclose(
        rows(alone), rows(predictor(photo, boxes)), rtol=0, atol=1e-6 * sides
    )
