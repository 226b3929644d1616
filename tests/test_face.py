"""What an app does with a face: points, aligned and upright crops, drawing."""

import dataclasses
import json

import cv2
import numpy as np
import pytest

from facemtl.errors import InputError
from facemtl.inference.face import Attribute, Face
from facemtl.inference.templates import TEMPLATES
from facemtl.tasks import load_tasks
from facemtl.tasks.layouts import find_layout

# InsightFace's, in pixels of 112.
ARCFACE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)
NAMES = (
    *("left eye", "right eye", "nose"),
    *("left mouth corner", "right mouth corner"),
)
RNG = np.random.default_rng(7)
PHOTO = cv2.GaussianBlur(
    RNG.integers(0, 256, (240, 320, 3), np.uint8), (0, 0), 3
)
PHOTO = cv2.normalize(PHOTO, None, 0, 255, cv2.NORM_MINMAX)


def face_of(points, box=(100.0, 60.0, 200.0, 160.0), **more):
    places = {k: tuple(map(float, p)) for k, p in points.items()}
    return Face(box, places, **more)


def five(degrees=0.0, scale=1.0, shift=(150.0, 110.0), noise=3.0):
    """Five points near the template's, rotated clockwise, scaled, shifted."""
    angle = np.deg2rad(degrees)
    turn = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    offsets = ARCFACE - 56 + RNG.normal(0, noise, (5, 2))
    points = scale * offsets @ np.transpose(turn) + shift
    return face_of(dict(zip(NAMES, points, strict=True)))


def umeyama(points, targets):
    """The matrix of Umeyama (1991), by its singular value decomposition."""
    mean, goal = points.mean(0), targets.mean(0)
    a, b = points - mean, targets - goal
    u, s, vt = np.linalg.svd(b.T @ a / len(a))
    sign = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    turn = u @ np.diag(sign) @ vt
    turn *= (s * sign).sum() / a.var(0).sum()
    return np.c_[turn, goal - turn @ mean]


@pytest.mark.parametrize("degrees", [0, 20, -75, 90, 180])
@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_the_transform_is_umeyamas(degrees, scale):
    face = five(degrees, scale)
    points, found = face.array(NAMES), face.transform()
    np.testing.assert_allclose(found, umeyama(points, ARCFACE), atol=1e-9)
    by_opencv, inliers = cv2.estimateAffinePartial2D(
        points, ARCFACE, ransacReprojThreshold=1e3, refineIters=100
    )
    assert inliers.all()
    corners = np.array([[0, 0, 1], [300, 0, 1], [0, 240, 1], [300, 240, 1]])
    np.testing.assert_allclose(
        corners @ found.T, corners @ by_opencv.T, atol=0.1
    )


@pytest.mark.parametrize("degrees", [0, 15, -40, 180])
def test_an_aligned_face_is_the_photo_by_its_transform(degrees):
    face = five(degrees, noise=1.0)
    found = face.aligned(PHOTO)
    assert found.shape == (112, 112, 3)
    assert found.dtype == np.uint8
    warped = cv2.warpAffine(
        PHOTO,
        face.transform(),
        (112, 112),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    assert np.abs(found.astype(int) - warped).max() <= 12
    assert np.abs(found.astype(int) - warped).mean() < 1.5
    # No shift: a tenth of a pixel would show in the sums along the gradients.
    for axis in (0, 1):
        slope = np.gradient(warped.astype(float), axis=axis)
        moved = (slope * (found - warped.astype(float))).sum()
        assert abs(moved / (slope**2).sum()) < 0.05


def test_an_aligned_face_of_another_size_shows_the_same_part():
    face = five(25)
    half = cv2.resize(
        face.aligned(PHOTO, 224),
        None,
        fx=0.5,
        fy=0.5,
        interpolation=cv2.INTER_AREA,
    )
    assert np.abs(half.astype(int) - face.aligned(PHOTO)).mean() < 1.5
    # The corner of the first pixel is that of the photo at both sizes.
    small, large = face.transform(), face.transform(224)
    np.testing.assert_allclose(2 * small[:, :2], large[:, :2])
    np.testing.assert_allclose(2 * (small[:, 2] + 0.5) - 0.5, large[:, 2])


def test_left_is_the_images_left():
    """A mirrored photo, with its points named again, mirrors the crop."""
    face = five(10)
    width = PHOTO.shape[1]
    swapped = {
        name.replace("left", "?")
        .replace("right", "left")
        .replace("?", "right"): (width - 1 - x, y)
        for name, (x, y) in face.points.items()
    }
    symmetric = {
        **{"left eye": (0.35, 0.45), "right eye": (0.65, 0.45)},
        **{"nose": (0.5, 0.6)},
    }
    one = face.aligned(PHOTO, 96, symmetric)
    other = face_of(swapped).aligned(PHOTO[:, ::-1], 96, symmetric)
    assert np.abs(one[:, ::-1].astype(int) - other).max() <= 8
    eyes = (
        TEMPLATES["arcface"]["left eye"][0],
        TEMPLATES["arcface"]["right eye"][0],
    )
    assert eyes[0] < 0.5 < eyes[1]


@pytest.mark.parametrize("layout", ["points68", "points98"])
def test_layouts_of_many_points_align_by_the_means_of_the_eyes(layout):
    names = load_tasks(find_layout(layout))[0].names
    points = {name: RNG.uniform(50, 150, 2) for name in names}
    eyes = [
        np.mean(
            [p for k, p in points.items() if k.startswith(f"{side} eye ")], 0
        )
        for side in ("left", "right")
    ]
    nose, left, right = ("nose bridge 4", "outer lip 1", "outer lip 7")
    chosen = np.array([*eyes, points[nose], points[left], points[right]])
    np.testing.assert_allclose(
        face_of(points).transform(), umeyama(chosen, ARCFACE), atol=1e-9
    )


def test_the_nose_and_mouth_of_68_points_are_iBUGs_points_31_49_and_55():
    names = load_tasks(find_layout("points68"))[0].names
    assert [
        names.index(x) + 1
        for x in ("nose bridge 4", "outer lip 1", "outer lip 7")
    ] == [31, 49, 55]


@pytest.mark.parametrize(
    ("points", "template", "message"),
    [
        ({"chin": (1, 2)}, "arcface", "without left eye, .* that it has: chin"),
        ({}, "arcface", "without left eye, .*: it has none"),
        ({"chin": (1, 2)}, "dlib", r"a template in \['arcface'\], or .*'dlib'"),
        ({"chin": (1, 2)}, {"chin": (0, 0)}, "two or more points"),
        ({"a": (1, 2), "b": (3, 4)}, {"a": (0, 0), "b": (0,)}, "two or more"),
        ({"a": (1, 2), "b": (3, 4)}, {"a": (0, 0), "b": "1"}, "two or more"),
        ({"a": (1, 2), "b": (3, 4)}, {"a": (0, 0), "b": (0, np.nan)}, "more"),
        ({"a": (1, 2), "b": (3, 4)}, {"a": (1, 1), "b": (1, 1)}, "targets at"),
        ({"a": (1, 2), "b": (1, 2)}, {"a": (0, 0), "b": (1, 1)}, "points at"),
        ({"a": (1, 2), "b": (np.nan, 2)}, {"a": (0, 0), "b": (1, 1)}, "finite"),
        ({"a": (1, 2), "b": (3, 4)}, None, "Received: None"),
    ],
)  # fmt: skip
def test_what_cannot_be_aligned_is_told_in_a_line(points, template, message):
    face = face_of(points)
    for call in (
        lambda: face.transform(112, template),
        lambda: face.aligned(PHOTO, 112, template),
    ):
        with pytest.raises(InputError, match=message) as error:
            call()
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("size", [0, -1, 1025, 112.0, "112", True, None])
def test_a_size_is_a_number_of_pixels(size):
    face = five()
    for call in (face.transform, lambda s: face.aligned(PHOTO, s)):
        with pytest.raises(
            InputError, match="size as a whole number of pixels"
        ):
            call(size)


def test_a_crop_copies_the_pixels_of_the_box():
    face = face_of({}, (99.5, 59.5, 199.5, 159.5))
    np.testing.assert_array_equal(face.crop(PHOTO), PHOTO[60:160, 100:200])
    wide = face.crop(PHOTO, margin=0.2)
    np.testing.assert_array_equal(wide, PHOTO[40:180, 80:220])
    small = cv2.resize(
        PHOTO[60:160, 100:200], (50, 50), interpolation=cv2.INTER_AREA
    )
    assert np.abs(face.crop(PHOTO, size=50).astype(int) - small).max() <= 3
    # Beyond the photo, its edge is repeated.
    edge = face_of({}, (-10.5, 9.5, 29.5, 49.5)).crop(PHOTO)
    assert edge.shape == (40, 40, 3)
    np.testing.assert_array_equal(edge[:, 10:], PHOTO[10:50, :30])
    np.testing.assert_array_equal(edge[:, :10], edge[:, 10:11].repeat(10, 1))
    # The square round an oblong box.
    assert face_of({}, (99.5, 59.5, 139.5, 159.5)).crop(PHOTO).shape == (
        100,
        100,
        3,
    )


@pytest.mark.parametrize("margin", [-0.5, 11, "1", np.nan, None])
def test_a_margin_is_a_share_of_the_side(margin):
    with pytest.raises(InputError, match=r"a margin over -0\.5"):
        five().crop(PHOTO, margin)


@pytest.mark.parametrize("size", [None, 40])
def test_a_box_of_nan_is_told(size):
    face = face_of({}, (0, 0, np.nan, 9))
    with pytest.raises(InputError, match="a box of finite numbers"):
        face.crop(PHOTO, size=size)


def test_a_box_too_large_for_the_memory_is_told():
    with pytest.raises(
        InputError, match="at most 10,000 pixels a side, or a size"
    ):
        face_of({}, (0, 0, 1e5, 1e5)).crop(PHOTO)
    assert face_of({}, (0, 0, 1e4, 1e4)).crop(PHOTO, size=8).shape == (8, 8, 3)


def test_photos_come_in_any_form(tmp_path):
    file = tmp_path / "photo.png"
    cv2.imwrite(str(file), PHOTO[..., ::-1])
    face = five(10)
    for call in (face.aligned, face.crop, face.draw):
        wanted = call(PHOTO)
        for photo in (file, str(file), file.read_bytes()):
            np.testing.assert_array_equal(call(photo), wanted)
        np.testing.assert_array_equal(call(PHOTO[..., ::-1], bgr=True), wanted)
        with pytest.raises(InputError, match="No such file"):
            call("missing.png")


def test_points_are_an_array_in_their_order():
    face = five()
    assert face.array().dtype == np.float64
    assert face.array().tolist() == [list(p) for p in face.points.values()]
    assert face.array(["nose", "left eye"]).tolist() == [
        list(face.points["nose"]),
        list(face.points["left eye"]),
    ]
    assert Face((0, 0, 1, 1)).array().shape == (0, 2)
    assert face.array([]).shape == (0, 2)
    for names in (["chin"], "nose"):
        with pytest.raises(InputError, match=r"names of points, .*'left eye'"):
            face.array(names)


def test_a_face_is_short_in_words_and_whole_in_json():
    smile = Attribute("yes", 0.98765, {"yes": 0.98765, "no": 0.01235})
    face = face_of(
        {"nose": (1.234, 5.678)},
        (0.4, 1.6, 20, 30),
        attributes={"smile": smile},
        values={"yaw": -12.34567},
        score=0.87654,
    )
    assert repr(face) == (
        "Face(box=(0, 2, 20, 30), points=1, smile='yes', yaw=-12.3, score=0.88)"
    )
    many = face_of({f"p{i}": (i, i) for i in range(98)})
    assert len(repr(many)) < 80
    assert json.loads(json.dumps(face.to_dict())) == {
        "box": [0.4, 1.6, 20, 30],
        "points": {"nose": [1.23, 5.68]},
        "attributes": {
            "smile": {
                "class": "yes",
                "probability": 0.9877,
                "probabilities": {"yes": 0.9877, "no": 0.0123},
            },
            "yaw": {"value": -12.3457},
        },
        "head_pose": None,
        "score": 0.8765,
        "confidence": None,
        "points_sigma": {},
    }
    assert dataclasses.replace(face, score=None).to_dict()["score"] is None
