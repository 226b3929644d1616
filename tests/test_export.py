"""Every exported file answers as the network does, and says what it is."""

import json
import shutil
from functools import cache

import cv2
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from export_case import (
    OWN_TASKS,
    heatmap_export,
    mirrored_export,
    own_export,
    random_crops,
    stitched_export,
)

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.export.check import exported_files
from facemtl.export.formats import export_network
from facemtl.geometry.crops import crop, square_windows, to_photo
from facemtl.inference.runtimes import load_network
from facemtl.inference.sidecar import NAME, read_sidecar

pytestmark = pytest.mark.slow
FLOAT32 = (
    "saved_model",
    "model.onnx",
    "model_float32.tflite",
    "model_float32_batch.tflite",
)
SMALLER = {"float16": 2e-3, "dynamic": 0.02, "int8": 0.05}


@cache  # No test changes the exports, or what they answer.
def answers(file, n=5):
    network = load_network(file)
    return network.predict(random_crops(n, network.crop.shape))


def assert_alike(file, reference, atol):
    mine, theirs = answers(file), answers(reference)
    assert list(mine) == list(theirs)
    for task, answer in mine.items():
        assert answer.dtype == np.float32
        np.testing.assert_allclose(answer, theirs[task], atol=atol)


@pytest.mark.parametrize("export", [stitched_export, heatmap_export])
@pytest.mark.parametrize("name", FLOAT32)
def test_float32_formats_answer_as_keras_does(name, export):
    folder = export()
    assert_alike(folder / name, folder / "model.keras", 1e-5)


@pytest.mark.parametrize("name", FLOAT32)
def test_the_mirror_image_is_asked_in_every_format(name):
    """Twice over: a file of the mirrored network, and what the plain says."""
    plain, folder = own_export(), mirrored_export()
    assert_alike(folder / name, folder / "model.keras", 1e-5)
    crops = random_crops(5, load_network(plain).crop.shape)
    one = load_network(plain / name).predict(crops)
    other = load_network(plain / name).predict(crops[:, :, ::-1])
    mean = load_network(folder / name).predict(crops)
    np.testing.assert_allclose(
        mean["yaw"], (one["yaw"] - other["yaw"]) / 2, atol=1e-5
    )


@pytest.mark.parametrize("name", FLOAT32)
def test_own_tasks_colors_and_margins_are_exported(name):
    folder = own_export()
    assert_alike(folder / name, folder / "model.keras", 1e-5)
    network = load_network(folder / name)
    assert network.tasks == OWN_TASKS
    assert network.crop.to_dict() == {
        "size": 48,
        "color": "rgb",
        "margin": 0.1,
    }


@pytest.mark.parametrize("ending", ["", "_batch"])
@pytest.mark.parametrize("kind", SMALLER)
def test_smaller_files_answer_nearly_alike(kind, ending):
    folder = stitched_export()
    file = folder / f"model_{kind}{ending}.tflite"
    assert_alike(file, folder / "model.keras", SMALLER[kind])
    whole = folder / f"model_float32{ending}.tflite"
    assert file.stat().st_size < whole.stat().st_size


def test_heat_maps_are_exact_in_int8():
    """A softmax of 8 bits would make 0 of what is below 1/512."""
    folder = heatmap_export()
    for name in ("model_int8.tflite", "model_int8_batch.tflite"):
        mine, theirs = answers(folder / name), answers(folder / "model.keras")
        found, expected = mine["landmarks"], theirs["landmarks"]
        np.testing.assert_allclose(found, expected, atol=0.01)
        sigma = [x["landmarks_sigma"] for x in (mine, theirs)]
        np.testing.assert_allclose(*sigma, rtol=0.02)
    interpreter = Interpreter(str(folder / "model_int8.tflite"))
    interpreter.allocate_tensors()
    kinds = {x["index"]: x["dtype"] for x in interpreter.get_tensor_details()}
    softmax, others = [], []
    for operation in interpreter._get_ops_details():
        found = softmax if operation["op_name"] == "SOFTMAX" else others
        found += [kinds[i] for i in operation["outputs"]]
    assert softmax == len(softmax) * [np.float32] != []
    assert others.count(np.int8) > others.count(np.float32)


@pytest.mark.parametrize("export", [stitched_export, heatmap_export])
def test_tflite_has_built_in_operations_and_a_named_signature(export):
    for file in sorted(export().glob("*.tflite")):
        interpreter = Interpreter(str(file))
        interpreter.allocate_tensors()
        names = {x["op_name"] for x in interpreter._get_ops_details()}
        assert not [n for n in names if n.startswith(("Flex", "CUSTOM"))]
        (signature,) = interpreter.get_signature_list().values()
        assert signature["inputs"] == ["crops"]
        sigma = ["landmarks_sigma"] * (export == heatmap_export)
        assert signature["outputs"] == [
            "gender",
            "glasses",
            "landmarks",
            *sigma,
            "pose",
            "smile",
        ]
        (detail,) = interpreter.get_input_details()
        batch = -1 if "batch" in file.name else 1
        assert detail["shape_signature"][0] == batch
        assert (detail["dtype"] is np.uint8) == ("int8" in file.name)


def test_every_file_carries_the_sidecar():
    folder = stitched_export()
    sidecar = read_sidecar(folder / NAME)
    assert sidecar.training["licence"] == "own"
    assert sidecar.training["data"] == "not recorded"
    for file in exported_files(folder)[1:]:
        network = load_network(file)
        assert network.tasks == sidecar.tasks
        assert network.crop == sidecar.crop
    content = json.loads((folder / NAME).read_text())
    assert content["tasks"][0]["names"][0] == "left eye"
    assert content["crop"]["samples"] == 4
    assert "image's left" in content["explained"]["left"]


@pytest.fixture(scope="module")
def photo_and_boxes():
    faces = synthetic_faces(1, seed=5)
    photo = faces.images.read(faces.names[0])
    # The second and third leave the photo.
    more = faces.boxes[0] + [[0] * 4, [-60, -40, -60, -40], [70, 9, 90, 29]]
    return photo, more


@pytest.mark.parametrize("export", [stitched_export, own_export])
def test_the_saved_model_crops_as_training_does(export, photo_and_boxes):
    folder, (photo, boxes) = export(), photo_and_boxes
    network = load_network(folder / "model.keras")
    spec = network.crop
    windows = square_windows(boxes, spec.margin)
    crops = [crop(photo, w, spec.size, spec.color) for w in windows]
    wanted = network.predict(np.stack(crops))
    wanted["landmarks"] = to_photo(wanted["landmarks"], windows)
    signatures = tf.saved_model.load(folder / "saved_model").signatures
    boxes = tf.constant(boxes, tf.float32)
    given = signatures["faces"](photo=tf.constant(photo), boxes=boxes)
    _, png = cv2.imencode(".png", photo[..., ::-1])
    stored = signatures["faces_jpeg"](
        jpeg=tf.constant(png.tobytes()), boxes=boxes
    )
    pixel = windows[0, 2] / spec.size
    for answer in (given, stored):
        off = np.abs(answer["landmarks"] - wanted["landmarks"])
        assert off.max() < 0.05 * pixel
        for task in network.tasks[1:]:
            np.testing.assert_allclose(
                answer[task.name], wanted[task.name], atol=0.01
            )


def test_the_saved_model_reads_jpeg_as_opencv_does(photo_and_boxes):
    photo, boxes = photo_and_boxes
    signatures = tf.saved_model.load(
        stitched_export() / "saved_model"
    ).signatures
    _, data = cv2.imencode(".jpg", photo[..., ::-1])
    read = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].copy()
    boxes = tf.constant(boxes, tf.float32)
    one = signatures["faces_jpeg"](jpeg=data.tobytes(), boxes=boxes)
    other = signatures["faces"](photo=tf.constant(read), boxes=boxes)
    for task, answer in one.items():
        np.testing.assert_allclose(answer, other[task], atol=1e-6)


def test_the_saved_model_takes_bytes_floats_and_no_face(photo_and_boxes):
    signatures = tf.saved_model.load(
        stitched_export() / "saved_model"
    ).signatures
    crops = random_crops(3, (40, 40, 1))
    one = signatures["serving_default"](crops=tf.constant(crops, tf.float32))
    other = signatures["serving_uint8"](crops=tf.constant(crops))
    for task, answer in one.items():
        np.testing.assert_array_equal(answer, other[task])
    none = signatures["faces"](
        photo=tf.constant(photo_and_boxes[0]), boxes=tf.zeros((0, 4))
    )
    assert none["landmarks"].shape == (0, 5, 2)


def test_an_export_folder_is_a_network_too():
    network = load_network(stitched_export())
    assert type(network).__name__ == "TfliteRuntime"
    assert network.predict(random_crops(0, (40, 40, 1)))["pose"].shape == (0, 5)
    with pytest.raises(InputError, match=r"Expected crops \(N, 40, 40, 1\)"):
        network.predict(np.zeros((1, 40, 40, 3), np.uint8))
    with pytest.raises(InputError, match="of uint8"):
        network.predict(np.zeros((1, 40, 40, 1)))


@pytest.mark.parametrize(
    "name", ["model.onnx", "model_float32.tflite", "saved_model"]
)
def test_half_a_file_is_told_by_name(name, tmp_path):
    whole, half = stitched_export() / name, tmp_path / name
    if whole.is_dir():
        shutil.copytree(whole, half)
        file = half / "saved_model.pb"
    else:
        shutil.copy(whole, half)
        file = half
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(InputError, match=f"{name}.*(whole|checksum)"):
        load_network(half)


def test_files_of_others_are_told_by_name(tmp_path):
    other = tmp_path / "other.tflite"
    content = (stitched_export() / "model_float32.tflite").read_bytes()
    other.write_bytes(content[: content.rindex(b"PK\x03\x04")])
    with pytest.raises(InputError, match=f"without {NAME} in it"):
        load_network(other)
    with pytest.raises(InputError, match="Expected a file"):
        load_network(tmp_path / "missing.onnx")


def test_unknown_words_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"format out of .* Received: coreml"):
        export_network("run", tmp_path, formats=["coreml"])
    with pytest.raises(InputError, match=r"Received: int4"):
        export_network("run", tmp_path, quantize=["int4"])
    with pytest.raises(InputError, match="Expected real faces to calibrate"):
        export_network("run", tmp_path, quantize=["int8"])
