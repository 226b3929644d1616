"""Photos of which half of the pixels suffices."""

import cv2
import numpy as np
import pytest

from facemtl import Predictor
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.detector import FaceDetector
from facemtl.errors import InputError
from facemtl.inference.views import find_in, read_view
from facemtl.photos.photo import as_rgb

DETECTOR = FaceDetector(longest=256)


class Whole(FaceDetector):
    """A detector of one's own, which sees the whole photo."""


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load("tiny", DETECTOR)


def large(height=1200, width=1200, side=1000):
    """A JPEG with a drawn face."""
    faces = synthetic_faces(1, seed=3, size=side)
    photo = np.full((height, width, 3), 90, np.uint8)
    photo[:side, :side] = faces.images.read(faces.names[0])[:height, :width]
    ok, data = cv2.imencode(".jpg", photo[..., ::-1])
    assert ok
    return data.tobytes()


def exif(data, turn):
    """A JPEG with an EXIF orientation."""
    tags = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"
    body = b"Exif\0\0" + tags + bytes([turn, 0, 0, 0, 0, 0, 0, 0])
    part = b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body
    return data[:2] + part + data[2:]


@pytest.mark.parametrize("turn", [1, 2])
def test_points_from_half_of_a_photo_are_those_of_the_whole(predictor, turn):
    data = exif(large(1200, 1300), turn)
    assert read_view(data, False, DETECTOR).scale == 2
    whole = Predictor(predictor.network, Whole(longest=256))
    found, wanted = predictor(data), whole(data)
    assert len(found) == len(wanted) == 1
    for one, other in zip(found, wanted, strict=True):
        # Other pixels move the boxes of the int8 detector by about 1 %.
        side = one.box[2] - one.box[0]
        apart = np.array(one.box) - other.box
        assert np.abs(apart).max() < 0.02 * side
        apart = one.array() - other.array()
        assert np.abs(apart).max() < 0.02 * side


def test_small_faces_are_cut_from_the_whole_photo(predictor):
    data = large(side=400)
    view = read_view(data, False, DETECTOR)
    view, found = find_in(view, DETECTOR, predictor.network.crop)
    assert (view.scale, len(found)) == (1, 1)
    np.testing.assert_array_equal(view.pixels, as_rgb(data))


def test_odd_and_small_photos_are_read_as_before():
    for photo in (large(1201), large(500, 500, 500)):
        view = read_view(photo, False, DETECTOR)
        np.testing.assert_array_equal(view.pixels, as_rgb(photo))


def test_a_truncated_photo_is_told():
    with pytest.raises(InputError, match="the photo's bytes is truncated"):
        read_view(large()[:-9], False, DETECTOR)


def test_a_rotated_half_has_the_shape_of_the_rotated_photo():
    data = exif(large(1200, 1300), 6)
    view = read_view(data, False, DETECTOR)
    assert (view.scale, view.shape) == (2, as_rgb(data).shape)


def test_arrays_and_panoramas_are_read_whole():
    assert read_view(as_rgb(large()), False, DETECTOR).scale == 1
    assert read_view(large(300, 1200, 300), False, DETECTOR).scale == 1
