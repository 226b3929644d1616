"""The web page's YuNet detects what Python's does, on the same pixels."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from node_case import node, rgba_file

from facemtl import read_mtfl, synthetic_faces
from facemtl.detection.detector import FaceDetector
from facemtl.geometry.box_convention import MTFL_BOXES, DetectorConvention

pytestmark = pytest.mark.npm
BEFORE = """
import { asInput } from "./yunet.js";
import { resized } from "./resized.js";
const file = "../../../../facemtl/detection/yunet.tflite";
const network = new Uint8Array(readFileSync(file));
tell(given.map((place) => {
  const { pixels, width, height, scale } = asInput(photoOf(place));
  writeFileSync(place.file + ".input", pixels);
  const content = resized(network, 1024, width, height, "yunet.tflite");
  writeFileSync(place.file + ".tflite", content);
  return { ...place, input: { width, height, scale } };
}));
"""
AFTER = """
import { faceBoxes } from "./face_boxes.js";
import { faces } from "./yunet.js";
tell(given.map(({ file, input, outputs, sidecar }) => {
  const numbers = outputs.map((n) => new Float32Array(
    Uint8Array.from(readFileSync(`${file}.${n}`)).buffer));
  const found = faces(numbers, input);
  return { found, boxes: faceBoxes(found, sidecar).map(({ box }) => box) };
}));
"""
DAMAGED = """
import { resized } from "./resized.js";
const file = readFileSync("../../../../facemtl/detection/yunet.tflite");
tell(given.map((length) => {
  const part = new Uint8Array(file.subarray(0, length));
  try {
    return resized(part, 1024, 64, 64, "yunet.tflite");
  } catch (error) {
    return error.message;
  }
}));
"""
MIDDLE = DetectorConvention(1.1, (0.0, 0.0), (0.2, 0.2, 0.2, 0.2 + 0.1j, 0.2))


def several(photos: list[np.ndarray]) -> np.ndarray:
    """Photos beside each other, the second at twice the size."""
    sized = [cv2.resize(x, (300 + 300 * (i == 1),) * 2, None)
             for i, x in enumerate(photos)]  # fmt: skip
    canvas = np.full((640, 300 * (len(photos) + 1), 3), 90, np.uint8)
    left = 0
    for photo in sized:
        side = len(photo)
        canvas[10 : 10 + side, left : left + side] = photo
        left += side
    return canvas


def in_page(photos: list[np.ndarray], conventions, folder: Path) -> list[dict]:
    """What the page's modules find; LiteRT runs the network between them."""
    given = [
        rgba_file(photo, folder / f"{i}.rgba") for i, photo in enumerate(photos)
    ]
    places = node(BEFORE, given)
    for place, convention in zip(places, conventions, strict=True):
        place["outputs"] = outputs(place)
        place["sidecar"] = {
            "box_convention": {"detector": convention.to_dict()}
        }
    return node(AFTER, places)


def outputs(place: dict) -> list[int]:
    """Run the file of the photo's size; write what it gives."""
    network = Interpreter(model_path=place["file"] + ".tflite")
    network.allocate_tensors()
    height, width = place["input"]["height"], place["input"]["width"]
    pixels = np.fromfile(place["file"] + ".input", np.float32)
    (entry,) = network.get_input_details()
    assert entry["shape"].tolist() == [1, height, width, 3]
    network.set_tensor(entry["index"], pixels.reshape(1, height, width, 3))
    network.invoke()
    found = network.get_output_details()
    for i, output in enumerate(found):
        values = network.get_tensor(output["index"])
        values.tofile(f"{place['file']}.{i}")
    return list(range(len(found)))


def assert_same(photo, convention, found: dict) -> int:
    """Compare the page's faces with Python's; return how many there are."""
    rows = FaceDetector().rows(photo)
    rows = rows[np.argsort(-rows[:, 14], kind="stable")]
    mine = [
        [*(face[key] for key in ("left", "top", "width", "height")),
         *np.ravel(face["points"]), face["score"]]
        for face in found["found"]
    ]  # fmt: skip
    assert len(mine) == len(rows)
    if len(rows):
        np.testing.assert_allclose(mine, rows, atol=0.05)
        np.testing.assert_allclose(
            np.array(mine)[:, 14], rows[:, 14], atol=1e-3
        )
    boxes = FaceDetector(convention=convention)(photo).boxes
    np.testing.assert_allclose(
        np.reshape(found["boxes"], (-1, 4)), boxes, atol=0.05
    )
    return len(rows)


def test_a_drawn_face_and_photos_without_any(tmp_path):
    faces = synthetic_faces(1, seed=3)
    drawn = faces.images.read(faces.names[0])
    photos = [drawn, np.full((9, 20, 3), 80, np.uint8), np.zeros_like(drawn)]
    found = in_page(photos, [MTFL_BOXES] * 3, tmp_path)
    counts = [
        assert_same(photo, MTFL_BOXES, one)
        for photo, one in zip(photos, found, strict=True)
    ]
    assert counts == [1, 0, 0]


@pytest.mark.mtfl
def test_real_faces_one_several_and_in_a_large_photo(mtfl_root, tmp_path):
    faces = read_mtfl(mtfl_root, "test")
    photos = [faces.images.read(name) for name in faces.names[:200:40]]
    photos = [*photos, several(photos[:2]), several(photos)]
    conventions = [MTFL_BOXES, MIDDLE] * 3 + [MTFL_BOXES]
    found = in_page(photos, conventions, tmp_path)
    counts = [
        assert_same(photo, convention, one)
        for photo, convention, one in zip(
            photos, conventions, found, strict=True
        )
    ]
    assert photos[-1].shape[1] > 1024
    assert min(counts) == 1
    assert counts[-2:] == [2, 5]


def test_a_damaged_network_is_told():
    for length, message in zip((0, 900), node(DAMAGED, [0, 900]), strict=True):
        assert message == (
            "Expected yunet.tflite as a whole TFLite file. Received: a damaged "
            f"one of {length} bytes. Build this page again: npm run build."
        )
