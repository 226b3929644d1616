"""Each implementation of crop geometry agrees with the definition in NumPy.

All of them see the cases of `crop_cases`; each has its tolerance, in grey
levels or pixels, beside it. A crop that is rounded is up to 0.5 away.
"""

import importlib.util
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf
from crop_cases import ALL, POINTS, ROTATED, UPRIGHT, CropCase
from node_case import node, rgba_file

from facemtl.export import photo_graph
from facemtl.geometry.crops import SAMPLES, boxes_of, crop, to_photo, to_window
from facemtl.geometry.reference import sample_places
from facemtl.inference.second_pass import Alignment
from facemtl.pipeline.augment import Affine, Cached, move_points, warp

ROOT = Path(__file__).parent.parent
APP = ROOT / "export/apps/python/face.py"
# Grey levels: rounding, and float32 in sums or in places of samples.
ROUNDED, IN_FLOAT32, PLACES_IN_FLOAT32 = 0.5, 0.001, 0.05
# OpenCV rounds the places of rotated samples to 1/32 of a pixel.
OPENCV, OPENCV_MEAN = 2.5, 0.35
# Pixels of the photo, for points in float32.
POINT = 0.001


def each(cases: dict[str, CropCase]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


def off(found: np.ndarray, case: CropCase) -> np.ndarray:
    """How far a crop's pixels are from the definition, in grey levels."""
    expected = case.reference()
    return np.abs(np.reshape(found, expected.shape) - expected)


def cut(case: CropCase) -> np.ndarray:
    how = (case.size, case.color, case.samples, case.degrees)
    return crop(case.photo, case.window, *how)


@each(ALL)
def test_the_definition_places_samples_by_the_points_of_a_window(case):
    places = sample_places(case.window, case.size, 1, case.degrees)
    left, top, side = case.window
    assert places.mean(axis=(0, 1)) == pytest.approx(
        [left + side / 2, top + side / 2]
    )
    # The first sample is half a pixel of the crop inside the corner.
    corner, _, middle, *_ = case.points()
    expected = corner + (middle - corner) / case.size
    np.testing.assert_allclose(places[0, 0], expected, atol=1e-9)
    step = np.linalg.norm(places[0, 1] - places[0, 0])
    assert step == pytest.approx(side / case.size)


@each(UPRIGHT)
def test_crop_by_numpy(case):
    assert off(cut(case), case).max() <= ROUNDED + IN_FLOAT32
    back = to_window(case.points()[None], case.window[None])[0]
    np.testing.assert_allclose(back, POINTS, atol=1e-9)


@each(ROTATED)
def test_rotated_crop_by_opencv(case):
    beside = off(cut(case), case)
    assert beside.max() <= OPENCV
    assert beside.mean() <= OPENCV_MEAN


@each(ROTATED)
def test_points_of_the_second_pass(case):
    """Back from a rotated window to the window of the first pass."""
    first = np.array(
        [case.window[0] + 3, case.window[1] - 5, 1.4 * case.window[2]]
    )
    centre = case.window[:2] + case.window[2] / 2
    middle = (centre - first[:2]) / first[2] - 0.5
    side = case.window[2] / first[2] * np.exp(1j * np.radians(case.degrees))
    found = Alignment(np.array([complex(*middle)]), np.array([side]), 1.0, None)
    np.testing.assert_allclose(
        found.windows(first[None])[0], case.window, atol=1e-9
    )
    back = to_photo(found.points_back(POINTS[None]), first[None])[0]
    np.testing.assert_allclose(back, case.points(), atol=1e-9)


@each(ALL)
def test_augmentation_by_tensorflow(case):
    """A photo as a cached crop: one sample a pixel, at any window."""
    one = CropCase(
        case.shape, case.box, case.size, "rgb", case.margin, case.degrees, 1
    )
    # The cached window is the photo's first pixels.
    cached = Cached(case.size, scale=1, border=0)
    left, top, side = one.window
    angle = np.radians(one.degrees)
    rows = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    middle = np.array([left, top]) + side / 2 - (case.size / 2 - 0.5)
    affine = Affine(
        tf.constant([rows], tf.float32) * side / case.size,
        tf.constant([middle / case.size], tf.float32),
        tf.constant([False]),
    )
    found = warp(one.photo[None], affine, cached)[0]
    assert off(found, one).max() <= PLACES_IN_FLOAT32
    in_cached = (one.points() + 0.5) / case.size
    moved = move_points(tf.constant(in_cached[None], tf.float32), affine)[0]
    assert np.abs(moved - POINTS).max() * side <= POINT


@each(UPRIGHT)
def test_saved_model_by_tensorflow(case):
    boxes = tf.constant([case.box], tf.float32)
    windows = photo_graph.square_windows(boxes, case.margin)
    assert np.abs(windows[0] - case.window).max() <= POINT
    photo = tf.constant(case.photo)
    found = photo_graph.crop_windows(photo, windows, case.spec)
    assert off(found, case).max() <= ROUNDED + PLACES_IN_FLOAT32
    points = tf.constant(POINTS[None], tf.float32)
    there = photo_graph.to_photo(points, windows)[0]
    assert np.abs(there - case.points()).max() <= POINT


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> dict[str, dict]:
    """{case: window, crop and points}, by the web page's own module."""
    folder = tmp_path_factory.mktemp("photos")
    given = []
    for name, case in ALL.items():
        height, width = case.shape
        place = rgba_file(case.photo, folder / f"{height}x{width}.rgba")
        spec = {**case.spec.to_dict(), "samples": case.samples}
        about = {"name": name, "box": case.box, "degrees": case.degrees}
        given.append({**place, **about, "spec": spec})
    program = """
    import { boxOf, crop, squareWindow, toPhoto } from "./crop.js";
    const { cases, points } = given;
    tell(Object.fromEntries(cases.map((one) => {
      const window = squareWindow(one.box, one.spec.margin);
      const pixels = crop(photoOf(one), window, one.spec, one.degrees);
      const places = points.map((point) => toPhoto(point, window));
      const box = boxOf(window, one.spec.margin);
      return [one.name, { window, box, pixels: [...pixels], points: places }];
    })));
    """
    found: dict[str, dict] = node(
        program, {"cases": given, "points": POINTS.tolist()}
    )
    return found


@pytest.mark.npm
@pytest.mark.parametrize("name", UPRIGHT)
def test_web_page_by_javascript(name, page):
    case, found = UPRIGHT[name], page[name]
    window = [found["window"][key] for key in ("left", "top", "side")]
    np.testing.assert_allclose(window, case.window, atol=1e-9)
    (box,) = boxes_of(case.window[None], case.margin)
    np.testing.assert_allclose(found["box"], box, atol=1e-9)
    assert off(found["pixels"], case).max() <= ROUNDED + IN_FLOAT32
    # Number by number those of training.
    assert np.array_equal(found["pixels"], cut(case).ravel())
    np.testing.assert_allclose(found["points"], case.points(), atol=1e-9)


@pytest.mark.npm
@pytest.mark.parametrize("name", ROTATED)
def test_web_page_rotated_by_javascript(name, page):
    assert off(page[name]["pixels"], ROTATED[name]).max() <= ROUNDED + 1e-9


class Recorder:
    """LiteRT's place in the standalone app: keeps the crop, gives points."""

    def __init__(self, *_) -> None:
        pass

    def get_signature_runner(self, _):
        return self

    def get_input_details(self):
        return {"crops": {"dtype": np.float32}}

    def __call__(self, crops):
        Recorder.crops = crops
        return {"places": POINTS[None]}


@pytest.fixture(scope="module")
def app():
    """The standalone app as a module, without a network."""
    found = importlib.util.spec_from_file_location("standalone_face", APP)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ai_edge_litert.interpreter.Interpreter", Recorder)
        yield module


@each(UPRIGHT)
def test_standalone_app_by_numpy(case, app, tmp_path, capsys):
    names = [f"point {i}" for i in range(len(POINTS))]
    task = {"name": "places", "kind": "landmarks", "names": names}
    how = {**case.spec.to_dict(), "samples": SAMPLES}
    model, photo = tmp_path / "model.tflite", tmp_path / "photo.png"
    with zipfile.ZipFile(model, "w") as file:
        file.writestr(
            "facemtl.json", json.dumps({"crop": how, "tasks": [task]})
        )
    cv2.imwrite(str(photo), case.photo[..., ::-1])
    app.main(str(model), str(photo), *map(str, case.box))
    assert off(Recorder.crops[0], case).max() <= ROUNDED + IN_FLOAT32
    lines = capsys.readouterr().out.splitlines()
    said = [line.rpartition(": ")[2].split() for line in lines]
    # It writes two decimals.
    np.testing.assert_allclose(np.array(said, float), case.points(), atol=0.006)
