"""Crops of faces: read once, kept on disk, bad photos told."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from facemtl.data.faces import ADVICE, BadRows, Faces
from facemtl.errors import InputError, RowError
from facemtl.geometry.crops import CropSpec, crop, square_windows
from facemtl.photos.decoding import UNREADABLE_IMAGE
from facemtl.photos.images import MISSING_IMAGE
from facemtl.pipeline.crop_cache import CachePlan, crop_faces
from facemtl.tasks import LANDMARKS, SMILE

PLAN = CachePlan(CropSpec(12), border=0.25, scale=2)


class CountingImages:
    """Photos in memory, which count how often they are read."""

    def __init__(self, photos: dict[str, np.ndarray | RowError]) -> None:
        self.photos = photos
        self.stamps = dict.fromkeys(photos, "1")
        self.reads: Counter[str] = Counter()

    def read(self, name: str) -> np.ndarray:
        self.reads[name] += 1
        photo = self.photos[name]
        if isinstance(photo, RowError):
            raise photo
        return photo

    def stamp(self, name: str) -> str:
        return self.stamps[name]


def some_faces(n: int = 5) -> Faces:
    rng = np.random.default_rng(0)
    names = np.array([f"{i}.jpg" for i in range(n)])
    photos = {
        name: rng.integers(0, 256, (60, 80, 3), np.uint8) for name in names
    }
    low = rng.uniform(0, 20, (n, 2))
    boxes = np.concatenate([low, low + 30], axis=1)
    labels = {
        "landmarks": rng.uniform(0, 59, (n, 5, 2)),
        "smile": np.zeros(n, np.int32),
    }
    rows = np.array([f"faces.csv, row {i + 2}" for i in range(n)])
    images = CountingImages(photos)
    return Faces((LANDMARKS, SMILE), images, names, rows, boxes, labels)


def test_crops_are_those_of_the_geometry():
    faces = some_faces()
    crops = crop_faces(faces, PLAN, verbose=0)
    assert crops.images.shape == (5, 36, 36, 1)
    assert crops.images.dtype == np.uint8
    windows = square_windows(faces.boxes)
    np.testing.assert_array_equal(crops.windows, windows)
    kept = PLAN.kept_windows(windows)
    for i, name in enumerate(faces.names):
        expected = crop(faces.images.photos[name], kept[i], 36, "gray", 2)
        np.testing.assert_array_equal(crops.images[i], expected)
    points = crops.labels()["landmarks"]
    expected = (faces.labels["landmarks"] - windows[:, None, :2]) / 30
    np.testing.assert_allclose(points, expected)
    assert set(faces.images.reads.values()) == {1}


def test_a_photo_of_many_faces_is_read_once():
    faces = some_faces(6)
    faces = replace(faces, names=np.array(["0.jpg", "1.jpg"] * 3))
    crops = crop_faces(faces, PLAN, verbose=0)
    assert faces.images.reads == {"0.jpg": 1, "1.jpg": 1}
    kept = PLAN.kept_windows(square_windows(faces.boxes))
    for i, name in enumerate(faces.names):
        expected = crop(faces.images.photos[name], kept[i], 36, "gray", 2)
        np.testing.assert_array_equal(crops.images[i], expected)


def test_a_missing_photo_of_many_faces_is_reported_for_each():
    faces = with_bad("1.jpg")
    broken = np.array(["0.jpg", "1.jpg", "1.jpg", "0.jpg", "1.jpg"])
    bad = BadRows(skip=True)
    found = crop_faces(replace(faces, names=broken), PLAN, bad, verbose=0)
    assert found.faces.rows.tolist() == ["faces.csv, row 2", "faces.csv, row 5"]
    assert [where for where, _, _ in bad.rows] == [
        "faces.csv, row 3 (1.jpg)",
        "faces.csv, row 4 (1.jpg)",
        "faces.csv, row 6 (1.jpg)",
    ]


def test_an_error_does_not_stand_in_the_line_of_a_bar(capsys):
    with pytest.raises(InputError):
        crop_faces(with_bad("3.jpg"), PLAN, verbose=1)
    assert capsys.readouterr().out.endswith("\n")


def test_a_second_call_reads_no_photo(tmp_path):
    faces = some_faces()
    first = crop_faces(faces, PLAN, cache=tmp_path / "new", verbose=0)
    assert faces.images.reads.total() == 5
    again = crop_faces(faces, PLAN, cache=tmp_path / "new", verbose=0)
    assert faces.images.reads.total() == 5
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.windows, again.windows)
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_without_a_cache_every_call_reads(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    faces = some_faces()
    for calls in (1, 2):
        crop_faces(faces, PLAN, verbose=0)
        assert faces.images.reads.total() == 5 * calls
    assert list(tmp_path.iterdir()) == []


def changed(faces: Faces, **changes) -> Faces:
    return replace(faces, **changes)


def moved(faces: Faces) -> Faces:
    labels = {**faces.labels, "landmarks": faces.labels["landmarks"] * 0.9}
    return changed(faces, labels=labels)


def stamped(faces: Faces) -> Faces:
    faces.images.stamps["3.jpg"] = "2"
    return faces


CHANGES = {
    "box": (lambda f: changed(f, boxes=f.boxes + 0.01), PLAN),
    "order": (lambda f: f.select(np.array([1, 0, 2, 3, 4])), PLAN),
    "photo": (stamped, PLAN),
    "points": (moved, PLAN),
    "size": (lambda f: f, replace(PLAN, spec=CropSpec(13))),
    "color": (lambda f: f, replace(PLAN, spec=CropSpec(12, "rgb"))),
    "margin": (lambda f: f, replace(PLAN, spec=CropSpec(12, margin=0.1))),
    "border": (lambda f: f, replace(PLAN, border=0.5)),
    "scale": (lambda f: f, replace(PLAN, scale=1)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_key_changes_with_all_that_matters(name, tmp_path):
    change, plan = CHANGES[name]
    faces = some_faces()
    crop_faces(faces, PLAN, cache=tmp_path, verbose=0)
    other = change(faces)
    found = crop_faces(other, plan, cache=tmp_path, verbose=0)
    assert faces.images.reads.total() == 10
    fresh = crop_faces(other, plan, verbose=0)
    np.testing.assert_array_equal(found.images, fresh.images)
    assert len(list(tmp_path.iterdir())) == 2


def test_the_key_does_not_change_with_attributes(tmp_path):
    faces = some_faces()
    crop_faces(faces, PLAN, cache=tmp_path, verbose=0)
    faces.labels["smile"][:] = 1
    found = crop_faces(faces, PLAN, cache=tmp_path, verbose=0)
    assert faces.images.reads.total() == 5
    assert found.faces.labels["smile"].all()


BAD = {
    "1.jpg": RowError(MISSING_IMAGE, "photos/1.jpg"),
    "4.jpg": RowError(UNREADABLE_IMAGE, "photos/4.jpg is truncated"),
}
LINES = {
    "1.jpg": "faces.csv, row 3 (1.jpg): missing image: photos/1.jpg",
    "4.jpg": "faces.csv, row 6 (4.jpg): unreadable image: "
    "photos/4.jpg is truncated",
    "2.jpg": "faces.csv, row 4 (2.jpg): point outside the image: "
    "x3, y3 is (109.6, 30) in a photo 80 wide, 60 high",
}


def with_bad(*names: str) -> Faces:
    """Faces of which the named ones cannot be used."""
    faces = some_faces()
    for name in names:
        if name in BAD:
            faces.images.photos[name] = BAD[name]
        else:
            i = faces.names.tolist().index(name)
            # A side of the box, 30 pixels, beyond the edge at 79.5.
            faces.labels["landmarks"][i, 2] = 109.6, 30.0
    return faces


@pytest.mark.parametrize("name", LINES)
def test_a_bad_photo_stops_with_its_row_and_reason(name, tmp_path):
    faces = with_bad(name)
    for _ in range(2):  # nothing was kept that could change the answer
        with pytest.raises(InputError) as error:
            crop_faces(faces, PLAN, cache=tmp_path, verbose=0)
        assert str(error.value) == (f"{LINES[name]}. {ADVICE}")


@pytest.mark.parametrize("name", LINES)
def test_the_same_error_is_replayed_from_the_cache(name, tmp_path):
    faces = with_bad(name)
    crop_faces(faces, PLAN, BadRows(skip=True), tmp_path, verbose=0)
    assert faces.images.reads.total() == 5
    with pytest.raises(InputError) as error:
        crop_faces(faces, PLAN, cache=tmp_path, verbose=0)
    assert faces.images.reads.total() == 5
    assert str(error.value).startswith(f"{LINES[name]}. Correct the row")


def test_bad_photos_are_skipped_and_counted(tmp_path):
    faces = with_bad(*LINES)
    for _ in range(2):  # the second time from the cache
        bad = BadRows(skip=True)
        crops = crop_faces(faces, PLAN, bad, tmp_path, verbose=0)
        assert faces.images.reads.total() == 5
        assert crops.faces.names.tolist() == ["0.jpg", "3.jpg"]
        assert len(crops.images) == len(crops.windows) == 2
        np.testing.assert_array_equal(
            crops.faces.labels["landmarks"],
            faces.labels["landmarks"][[0, 3]],
        )
        np.testing.assert_array_equal(
            crops.windows, square_windows(faces.boxes[[0, 3]])
        )
        assert bad.counts == {
            "missing image": 1,
            "unreadable image": 1,
            "point outside the image": 1,
        }
        lines = set(bad.first.values())
        assert lines == set(LINES.values())
        assert bad.summary().startswith("3 invalid rows skipped: ")


def test_an_unlabelled_point_is_not_outside():
    faces = some_faces()
    faces.labels["landmarks"][0] = np.nan
    assert len(crop_faces(faces, PLAN, verbose=0).faces) == 5


def test_a_point_outside_matters_only_where_points_are_learned():
    faces = with_bad("2.jpg").only((SMILE,))
    assert len(crop_faces(faces, PLAN, verbose=0).faces) == 5


def test_a_second_pass_does_not_check_the_points_again():
    """Its boxes are other ones, from which the points may lie far."""
    faces = some_faces()
    small = np.tile([5.0, 5.0, 9.0, 9.0], (5, 1))
    faces.labels["landmarks"][:, 0] = 85.0, 30.0  # 5.5 beyond the edge
    assert len(crop_faces(faces, PLAN, verbose=0).faces) == 5
    again = changed(faces, boxes=small)
    with pytest.raises(InputError, match="point outside the image"):
        crop_faces(again, PLAN, verbose=0)
    turned = crop_faces(again, PLAN, verbose=0, degrees=np.full(5, 9.0))
    assert len(turned.faces) == 5
    assert "landmarks" in turned.faces.labels
