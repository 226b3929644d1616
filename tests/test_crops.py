"""Crop geometry: a dot in a photo is found where the formulas say it is."""

import cv2
import numpy as np
import pytest

from facemtl.errors import InputError
from facemtl.geometry.crops import (
    CropSpec,
    crop,
    square_windows,
    to_photo,
    to_window,
)
from facemtl.pipeline.augment import Cached, identity_affine, warp
from facemtl.pipeline.crop_cache import CachePlan

RNG = np.random.default_rng(0)
HEIGHT, WIDTH = 400, 600
BOXES = {
    "inside": [100.0, 120.0, 180.0, 200.0],
    "fractions": [100.37, 120.81, 177.13, 190.9],
    "wide": [90.0, 150.0, 210.5, 190.25],
    "enlarged": [140.2, 160.7, 166.9, 187.1],
    "odd": [100.0, 120.0, 135.0, 155.0],
    "large": [-40.0, -60.0, 400.0, 380.0],
    "leaves left and top": [-55.3, -40.9, 41.2, 50.6],
    "leaves right and bottom": [545.5, 330.25, 660.0, 440.0],
}


def dot_photo(point: np.ndarray, sigma: float) -> np.ndarray:
    """A black photo with a white Gaussian dot at a point, in pixels."""
    x, y = (
        np.exp(-((np.arange(length) - at) ** 2) / (2 * sigma**2))
        for length, at in zip((WIDTH, HEIGHT), point, strict=True)
    )
    dot = np.round(255 * np.outer(y, x)).astype("uint8")
    return np.repeat(dot[..., None], 3, axis=2)


def centroid(image: np.ndarray) -> np.ndarray:
    """Where a crop's dot is, in units of the window."""
    weight = image[..., 0].astype("float64")
    y, x = np.mgrid[: len(image), : len(image)]
    pixel = [(x * weight).sum(), (y * weight).sum()] / weight.sum()
    return (pixel + 0.5) / len(image)


def found_beside(window: np.ndarray, size: int, color: str) -> np.ndarray:
    """How far from dots in a photo their crops find them: mean, in pixels.

    Grey levels are whole numbers, which moves a dot's centroid by some
    thousandths of a pixel: the mean of several dots tells the geometry.
    """
    # The dots lie inside both the photo and the window.
    low = np.maximum(window[0, :2], 0)
    high = np.minimum(window[0, :2] + window[0, 2], [WIDTH, HEIGHT])
    beside = []
    for share in np.random.default_rng(1).uniform(0.45, 0.55, (8, 2)):
        point = low + (high - low) * share
        photo = dot_photo(point, sigma=1.7 * window[0, 2] / size)
        image = crop(photo, window[0], size, color)
        found = to_photo(centroid(image)[None, None], window)[0, 0]
        beside.append(found - point)
    return np.mean(beside, axis=0)


@pytest.mark.parametrize("size", [40, 64])
@pytest.mark.parametrize("margin", [0.0, 0.25])
@pytest.mark.parametrize("name", BOXES)
def test_crop_and_inverse_agree(name, margin, size):
    window = square_windows(np.array([BOXES[name]]), margin)
    beside = found_beside(window, size, "gray") * size / window[0, 2]
    assert np.abs(beside).max() < 0.01, f"{beside} pixels of the crop"


def test_crop_and_inverse_agree_in_color():
    window = square_windows(np.array([BOXES["fractions"]]))
    assert np.abs(found_beside(window, 40, "rgb")).max() < 0.01


def test_windows_are_squares_round_the_boxes_centres():
    boxes = np.array([[10.0, 20.0, 50.0, 40.0], [-8.0, 0.0, 0.0, 16.0]])
    windows = square_windows(boxes)
    np.testing.assert_allclose(windows, [[10, 10, 40], [-12, 0, 16]])
    # A quarter on each side: half more.
    windows = square_windows(boxes, margin=0.25)
    np.testing.assert_allclose(windows, [[0, 0, 60], [-16, -4, 24]])


def test_units_of_windows_and_photos_are_inverse():
    points = RNG.uniform(-50, 700, (8, 5, 2))
    boxes = RNG.uniform(0, 300, (8, 4))
    boxes[:, 2:] += boxes[:, :2] + 1
    windows = square_windows(boxes, 0.1)
    there = to_window(points, windows)
    np.testing.assert_allclose(to_photo(there, windows), points, atol=1e-9)
    corners = np.array([[[0.0, 0.0], [1.0, 1.0]]])
    photo = to_photo(corners, windows[:1])[0]
    np.testing.assert_allclose(photo[0], windows[0, :2])
    np.testing.assert_allclose(photo[1] - photo[0], windows[0, 2])


def test_a_pixel_is_the_mean_of_its_part_of_the_photo():
    photo = RNG.integers(0, 256, (60, 60, 3), np.uint8)
    # 4 x 4 photo pixels a crop pixel; the photo's begin at -1/2.
    image = crop(photo, np.array([7.5, 11.5, 32.0]), 8, "rgb")
    part = photo[12:44, 8:40].astype(float)
    mean = part.reshape(8, 4, 8, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(image, mean, rtol=0, atol=1)


def test_gray_is_luma():
    photo = np.full((20, 20, 3), [200, 100, 50], np.uint8)
    image = crop(photo, np.array([2.0, 2.0, 16.0]), 8, "gray")
    expected = 0.299 * 200 + 0.587 * 100 + 0.114 * 50
    np.testing.assert_allclose(image, expected, rtol=0, atol=1)


def test_the_edge_of_the_photo_is_repeated():
    photo = np.full((50, 50, 3), 120, np.uint8)
    photo[:, 0], photo[-1], photo[-1, 0] = 30, 220, 77
    left = crop(photo, np.array([-60.0, 5.0, 30.0]), 10)
    assert np.unique(left) == [30]
    below = crop(photo, np.array([5.0, 70.0, 30.0]), 10)
    assert np.unique(below) == [220]
    corner = crop(photo, np.array([-60.0, 70.0, 30.0]), 10)
    assert np.unique(corner) == [77]
    # Half a window beyond the edge: half of it is the edge.
    half = crop(photo, np.array([-20.0, 5.0, 40.0]), 40)
    assert np.unique(half[:, :20]) == [30]
    assert np.unique(half[:34, 22:]) == [120]


@pytest.mark.parametrize("name", BOXES)
@pytest.mark.parametrize("margin", [0.0, 0.2])
def test_a_kept_crop_as_it_is_equals_the_final_crop(name, margin):
    noise = RNG.integers(0, 256, (HEIGHT, WIDTH, 3)).astype("float32")
    smooth = cv2.GaussianBlur(noise, (0, 0), 1.5)
    photo = np.clip(128 + 3 * (smooth - 128), 0, 255).astype("uint8")
    window = square_windows(np.array([BOXES[name]]), margin)
    spec = CropSpec(40, "rgb", margin)
    final = crop(photo, window[0], 40, "rgb")
    plan = CachePlan(spec, border=0.23, scale=2)
    assert plan.border_pixels == 18
    assert plan.size == 2 * 40 + 2 * 18
    kept = crop(photo, plan.kept_windows(window)[0], plan.size, "rgb", 2)
    same = warp(kept[None], identity_affine(1), Cached(40, 2, 18))[0]
    np.testing.assert_allclose(same, final, rtol=0, atol=1)


def test_a_plan_without_border_keeps_the_final_crop():
    plan = CachePlan(CropSpec(40))
    windows = square_windows(np.array([BOXES["fractions"]]))
    assert (plan.size, plan.border_pixels) == (40, 0)
    np.testing.assert_array_equal(plan.kept_windows(windows), windows)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"size": 7}, "Expected a crop size of at least 8. Received: 7."),
        (
            {"color": "bgr"},
            "Expected a color in ['gray', 'rgb']. Received: 'bgr'.",
        ),
        ({"margin": -0.5}, "Expected a margin over -0.5. Received: -0.5."),
    ],
)
def test_messages(spec, message):
    with pytest.raises(InputError) as error:
        CropSpec(**spec)
    assert str(error.value) == message


def test_spec_round_trip():
    spec = CropSpec(48, "rgb", 0.1)
    assert CropSpec(**spec.to_dict()) == spec
    assert spec.shape == (48, 48, 3)
