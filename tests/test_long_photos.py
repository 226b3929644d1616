"""Photos that are much longer than wide, and the detector's settings."""

import pickle
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

import facemtl
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.detector import FaceDetector
from facemtl.detection.same_faces import distinct
from facemtl.detection.tiles import joined, tiles
from facemtl.errors import InputError
from facemtl.predict.command import main

SIDE, GAP = 220, 30
FACES = synthetic_faces(36, seed=3)
CELLS = [
    np.pad(
        FACES.images.read(name),
        [(GAP, GAP), (GAP, GAP), (0, 0)],
        constant_values=110,
    )
    for name in FACES.names
]
BOXES = FACES.boxes + GAP
# The detector misses one of the drawn faces, wherever it stands.
FOUND = [i for i in range(36) if i != 1]


@pytest.fixture(scope="module")
def detector():
    return FaceDetector()


def panorama(axis: int) -> tuple[np.ndarray, np.ndarray]:
    """35 faces side by side or below each other; their centres (35, 2)."""
    photo = np.concatenate([CELLS[i] for i in FOUND], axis=axis)
    centres = (BOXES[FOUND, :2] + BOXES[FOUND, 2:]) / 2
    centres[:, 1 - axis] += SIDE * np.arange(len(FOUND))
    return photo, centres


def matches(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(N, M) whether a row of YuNet's is a face."""
    middles = rows[:, :2] + rows[:, 2:4] / 2
    apart = np.linalg.norm(middles[:, None] - centres[None], axis=2)
    return apart < 0.35 * 80


@pytest.mark.parametrize("axis", [0, 1], ids=["tall", "wide"])
def test_a_panoramas_faces_are_detected_once_each(detector, axis):
    photo, centres = panorama(axis)
    assert max(photo.shape) == 7700
    rows = detector.rows(photo)
    times = matches(rows, centres).sum(axis=0)
    assert times.max() == 1
    # The detector misses one below another's chin.
    assert len(rows) == times.sum() >= 34
    # On average the points lie where those of each face alone do.
    shifts = []
    for k in np.flatnonzero(times):
        alone = detector.rows(CELLS[FOUND[k]])
        if len(alone) == 1:  # A few are too faint without their neighbours.
            shift = (rows[matches(rows, centres)[:, k]] - alone)[0, 4:14]
            shift = shift.reshape(5, 2)
            shift[:, 1 - axis] -= SIDE * k
            shifts.append(shift)
    assert len(shifts) >= 30
    assert np.abs(np.mean(shifts, axis=0)).max() < 2


@pytest.mark.parametrize("height", [100, 1600])
@pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
def test_rows_are_in_pixels_of_the_photo(monkeypatch, height, tall):
    """With a detector that says where the only light square is."""
    detector = FaceDetector()

    def detect(pixels, score):
        y, x = np.nonzero(pixels[..., 0] > 128)
        if not len(x):
            return np.empty((0, 15))
        low, high = [x.min(), y.min()], [x.max() + 1, y.max() + 1]
        middle = (np.array(low) + high) / 2 - 0.5
        size = np.subtract(high, low)
        score = 0.6 + size.max() / 2000  # The closer, the surer.
        row = [*low, *size, *middle, *([0] * 8), score]
        return np.array([row])

    monkeypatch.setattr(detector, "_detect", detect)
    photo = np.zeros((height, 6 * height, 3), np.uint8)
    place, side = np.array([3 * height + 24, 16]), height // 2
    photo[16 : 16 + side, place[0] : place[0] + side] = 255
    if tall:
        photo, place = photo.transpose(1, 0, 2), place[::-1]
    (row,) = detector.rows(photo)
    blurred = max(1, height / 512)
    np.testing.assert_allclose(row[:2], place, atol=2 * blurred)
    np.testing.assert_allclose(row[2:4], side, atol=2 * blurred)
    middle = place + side / 2 - 0.5
    np.testing.assert_allclose(row[4:6], middle, atol=blurred)


def test_turned_panoramas_keep_their_turns():
    detector = FaceDetector(turned=True)
    photo, _ = panorama(1)
    upright = detector(photo)
    lying = detector(np.ascontiguousarray(np.rot90(photo)))
    assert (upright.turns == 0).sum() >= 34
    # The network of turns has seen no drawn faces.
    assert (lying.turns == 3).sum() == len(lying) >= 33


@pytest.mark.parametrize("shift", range(0, 1000, 125))
def test_a_face_on_the_edge_of_a_tile_is_detected_once(detector, shift):
    photo = np.full((SIDE, 4000, 3), 110, np.uint8)
    photo[:, 500 + shift : 500 + shift + SIDE] = CELLS[0]
    (row,) = detector.rows(photo)
    (alone,) = detector.rows(CELLS[0])
    assert abs(row[0] - alone[0] - 500 - shift) < 15
    assert row[2] > 0.8 * alone[2]


def test_a_face_as_high_as_the_panorama_is_detected(detector):
    large = cv2.resize(CELLS[0], (1600, 1600))
    photo = np.full((1600, 9000, 3), 110, np.uint8)
    photo[:, 3100:4700] = large
    (row,) = detector.rows(photo)
    scale = 1600 / SIDE
    centre = scale * (BOXES[0, :2] + BOXES[0, 2:]) / 2 + (3100, 0)
    middle = row[:2] + row[2:4] / 2
    assert np.linalg.norm(middle - centre) < 0.35 * 80 * scale


@pytest.fixture
def benchmarks(monkeypatch):
    """The folder `benchmarks/` can be imported from."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "benchmarks")


@pytest.mark.mtfl
@pytest.mark.parametrize("turned", [False, True], ids=["wide", "tall"])
def test_real_faces_of_a_panorama(mtfl_root, detector, turned, benchmarks):
    """17,800 x 218 pixels with 73-pixel faces: none of 100 was detected."""
    from panoramas import SCENES, measured, photo_of

    scene = SCENES["a tall column of 100" if turned else "a row of 100"]
    photo, centres = photo_of(facemtl.read_mtfl(mtfl_root, "test"), scene)
    assert photo.shape[:2] == ((17800, 218) if turned else (218, 17800))
    result = measured(detector.rows(photo), centres, 73)
    assert result["recall"] >= 97
    assert result["false"] <= 3


@pytest.mark.mtfl
@pytest.mark.slow
def test_a_crowd_is_detected_at_a_larger_size(mtfl_root, benchmarks):
    """1,188 faces of 73 pixels in 7,832 x 5,886: OpenCV kept too few."""
    from panoramas import SCENES, measured, photo_of

    scene = SCENES["a crowd, --detector-size 4096"]
    photo, centres = photo_of(facemtl.read_mtfl(mtfl_root, "test"), scene)
    rows = FaceDetector(longest=4096).rows(photo)
    assert measured(rows, centres, 73)["recall"] > 95


@pytest.mark.parametrize(
    ("shape", "longest"),
    [
        ((3000, 1000), 1024),
        ((1000, 3000), 1024),
        ((100, 1024), 1024),
        ((1, 40000), 1024),
        ((9, 40000), 1024),
        ((4000, 3000), 320),
    ],
    ids=str,
)
def test_other_photos_are_searched_once_as_ever(shape, longest, monkeypatch):
    """Presets were measured with it: the same pixels, the same rows."""
    detector = FaceDetector(longest=longest)
    shapes = []

    def detect(pixels, score):
        shapes.append(pixels.shape[:2])
        return np.array([[*range(14), 0.9]])

    monkeypatch.setattr(detector, "_detect", detect)
    (row,) = detector.rows(np.zeros((*shape, 3), np.uint8))
    scale = min(1.0, longest / max(shape))
    assert shapes == [tuple(max(33, round(scale * x)) for x in shape)]
    half = 0.5 / scale - 0.5
    assert row[0] == half
    assert row[2] == 2 / scale
    assert row[13] == 13 / scale + half


@pytest.mark.parametrize(
    "shape", [(33, 40000), (40000, 40), (10, 9000), (500, 1501), (900, 2701)]
)
def test_tiles_cover_the_photo_and_share_its_width(shape):
    whole, *parts = tiles(shape, 1024)
    assert (whole.left, whole.top) == (0, 0)
    assert (whole.bottom, whole.right) == shape
    spans = [
        (part.left, part.right)
        if shape[1] > shape[0]
        else (part.top, part.bottom)
        for part in parts
    ]
    assert spans[0][0] == 0
    assert spans[-1][1] == max(shape)
    for (start, end), (following, _) in pairwise(spans):
        assert end - start == max(1024, 2 * min(shape))
        assert start < following <= end - min(shape)


@pytest.mark.parametrize(
    "shape", [(1, 70000), (70000, 1), (40, 40000), (40000, 40), (11, 20000)]
)
def test_strips_without_faces_have_none(detector, shape):
    photo = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    assert len(detector(photo)) == 0


def test_cut_faces_give_way_to_whole_ones():
    parts = tiles((100, 2000), 1024)
    assert [(part.left, part.right) for part in parts] == [
        *((0, 2000), (0, 1024), (488, 1512), (976, 2000)),
    ]

    def rows(*faces):
        found = np.zeros((len(faces), 15))
        for row, (left, width, score) in zip(found, faces, strict=True):
            row[:4], row[14] = (left, 10, width, 80), score
        return found

    found = [
        rows(),
        rows((600, 60, 0.7), (990, 34, 0.99)),  # The tile ends at 1024.
        rows((601, 60, 0.8), (992, 80, 0.7)),
        rows((1990, 10, 0.6)),  # The photo's end cuts it, not the tile's.
    ]
    kept = joined(parts, found, (100, 2000))
    assert kept[:, [0, 14]].tolist() == [[601, 0.8], [992, 0.7], [1990, 0.6]]


def test_many_detections_are_told_apart_at_once():
    random = np.random.default_rng(0)
    low = random.uniform(0, 5000, (4000, 2))
    boxes = np.concatenate([low, low + 9], axis=1)
    kept = distinct(boxes, random.random(4000))
    assert 3900 < len(kept) < 4000


@pytest.mark.slow
def test_a_larger_size_detects_smaller_faces_and_keeps_large_ones(detector):
    photo = np.full((3000, 4000, 3), 110, np.uint8)
    photo[:2400, :2400] = cv2.resize(CELLS[0], (2400, 2400))
    small = cv2.resize(CELLS[2], (64, 64), interpolation=cv2.INTER_AREA)
    photo[2800:2864, 3600:3664] = small
    assert len(detector.rows(photo)) == 1
    large, tiny = FaceDetector(longest=4000).rows(photo)
    assert large[2] > 800
    assert 3600 < tiny[0] < 3664
    assert tiny[2] < 60


NAN = float("nan")


@pytest.mark.parametrize("score", [NAN, -0.1, 1.5, "0.5", True, None, [0.5]])
def test_scores_are_checked(score):
    with pytest.raises(InputError, match=r"^Expected score from 0 to 1\. Rec"):
        FaceDetector(score=score)


@pytest.mark.parametrize("size", [NAN, -1, 0, 32, 640.0, "640", True, None])
def test_sizes_are_checked(size):
    with pytest.raises(InputError, match=r"^Expected longest as an integer >="):
        FaceDetector(longest=size)


def test_sizes_beyond_any_memory_are_refused():
    with pytest.raises(InputError, match=r"at most 8192 pixels, .*: 10000\.$"):
        FaceDetector(longest=10000)
    with pytest.raises(InputError, match="turned as True or False"):
        FaceDetector(turned="no")


def test_too_little_memory_is_one_line(detector, monkeypatch):
    def without_memory(*_):
        raise RuntimeError("XNNPack delegate failed to reshape runtime")

    module = "facemtl.detection.interpreters.without_native_words"
    monkeypatch.setattr(module, without_memory)
    with pytest.raises(InputError, match=r"memory .* 970 x 80 .*below 1024\.$"):
        detector(np.zeros((80, 970, 3), np.uint8))
    with pytest.raises(InputError, match=r"^[^\n]+$"):
        detector(np.zeros((80, 970, 3), np.uint8))


def test_a_detector_can_be_pickled(detector):
    given = FaceDetector(0.7, 160, True)
    copied = pickle.loads(pickle.dumps(given))
    assert (copied.score, copied.longest, copied.turned) == (0.7, 160, True)
    for one, other in zip(
        vars(copied(CELLS[0])).values(),
        vars(given(CELLS[0])).values(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--min-score", "nan"], "Expected --min-score from 0 to 1"),
        (["--min-score", "60"], "Expected --min-score from 0 to 1"),
        (["--detector-size", "8"], "Expected --detector-size as an integer"),
        (["--detector-size", "9000"], "--detector-size of at most 8192"),
        (["--boxes", "b.csv", "--turned"], "no --turned with --boxes"),
        (
            ["--boxes", "b.csv", "--min-score", "0"],
            "no --min-score with --boxes",
        ),
        (
            ["--boxes", "b.csv", "--detector-size", "640"],
            "no --detector-size with --boxes",
        ),
    ],
    ids=" ".join,
)
def test_settings_are_checked_before_anything_is_loaded(words, message):
    with pytest.raises(InputError, match=message):
        main(["no.jpg", "--model", "nowhere", *words])


def test_the_commands_settings_reach_the_detector(tmp_path):
    file = tmp_path / "wall.png"
    small = cv2.resize(CELLS[0], (24, 24), interpolation=cv2.INTER_AREA)
    photo = np.full((1000, 2000, 3), 110, np.uint8)
    photo[300:324, 700:724] = small
    cv2.imwrite(str(file), photo[..., ::-1])
    command = [sys.executable, "-m", "facemtl.predict", str(file)]
    command += ["--model", "tiny", "--json", "-"]

    def faces(*words):
        done = subprocess.run(
            [*command, *words], capture_output=True, text=True, check=True
        )
        return done.stdout.count('"box"')

    assert faces() == 0
    assert faces("--detector-size", "2000", "--min-score", "0.1") == 1
