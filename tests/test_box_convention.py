"""The convention of a run's boxes: fitted, kept, followed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import facemtl
from facemtl.data.convention_fit import fit_convention, fit_detector, fit_points
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.detector import FaceDetector
from facemtl.errors import InputError
from facemtl.export.formats import export_network
from facemtl.geometry.box_convention import (
    MTFL_BOXES,
    BoxConvention,
    DetectorConvention,
    PointConvention,
    read_convention,
)
from facemtl.inference.predictor import Predictor
from facemtl.inference.runtimes import load_network
from facemtl.inference.sidecar import NAME, Sidecar
from facemtl.models import FaceNetwork, load_model
from facemtl.tasks import LANDMARKS, SMILE, Task

ROOT = Path(__file__).parent.parent
RANDOM = np.random.default_rng(0)
POINTS = PointConvention((0.5, 0.5), (-2.0, 2.0), 10.0, 0.1, 1.2)
EYES = Task("landmarks", "landmarks", ("left eye", "right eye"), (1, 0))
FACES = synthetic_faces(300, seed=4)


def faces_in_boxes(n, points, rotation=0.1, offset=0.03, size=0.08):
    """Points (N, P), x + iy: one shape, rotated, moved and resized."""
    shape = 0.3 * np.exp(2j * np.pi * np.arange(points) / points)
    angle, scale = RANDOM.normal(0, [[rotation], [size]], (2, n))
    moved = RANDOM.normal(0, offset, (2, n))
    z = np.exp(scale + 1j * angle)[:, None] * shape
    return z + (moved[0] + 1j * moved[1])[:, None] + (0.05 + 0.1j)


def grown(faces, factor):
    middle = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    half = factor * (faces.boxes[:, 2:] - faces.boxes[:, :2]) / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    return replace(faces, boxes=boxes)


@pytest.mark.parametrize("points", [2, 3, 5, 68])
def test_any_set_of_points_gives_centre_side_and_rotation(points):
    z = faces_in_boxes(400, points)
    found = fit_points(z, None)
    assert sum(found.middle) == pytest.approx(1, abs=1e-3)
    assert sum(found.side) == pytest.approx(0, abs=1e-3)
    side, middle = z @ found.side, z @ found.middle
    assert np.median(np.abs(side)) == pytest.approx(1, abs=0.01)
    assert abs(middle.mean()) < 0.01
    # Standard deviations that the faces were made with, and noise.
    assert np.angle(side).std() == pytest.approx(0.1, rel=0.15)
    assert found.rotation == pytest.approx(np.degrees(0.1 * 1.5), rel=0.2)
    assert np.log(found.scale) == pytest.approx(0.08 * 2.65, rel=0.3)
    # A rotated, larger, moved face is read as such.
    turn = 1.3 * np.exp(0.5j)
    read = (turn * z + 0.2j) @ found.side
    np.testing.assert_allclose(read, turn * side, atol=1e-4)


def test_many_points_of_few_faces_are_not_fitted_to_their_noise():
    z = faces_in_boxes(40, 68)
    z = z + RANDOM.normal(0, 0.02, z.shape)
    few, many = fit_points(z[:24], None), fit_points(z, None)
    assert np.abs(few.middle).max() < 0.5
    assert few.rotation == pytest.approx(many.rotation, rel=0.6)


def test_weights_of_mirrored_points_are_mirrored():
    labels = FACES.labels["landmarks"]
    found = fit_convention(FACES, FACES.tasks).points
    for key, sign in (("middle", 1), ("side", -1)):
        weights = np.array(getattr(found, key))
        other = sign * weights[list(LANDMARKS.mirror)].conj()
        np.testing.assert_allclose(weights, other, atol=1e-4)
    assert len(labels) == 300


def test_what_cannot_be_fitted_is_none():
    nose = Task("landmarks", "landmarks", ("nose",))
    one = replace(
        FACES,
        tasks=(nose,),
        labels={"landmarks": FACES.labels["landmarks"][:, :1]},
    )
    assert fit_convention(one, (nose,)).points is None
    assert fit_convention(FACES, (SMILE,)).points is None
    few = fit_convention(FACES.select(np.arange(19)), FACES.tasks)
    assert few == BoxConvention(None, None)
    assert fit_points(np.zeros((30, 5), complex), None) is None
    unlabelled = dict(FACES.labels)
    unlabelled["landmarks"] = np.full_like(unlabelled["landmarks"], np.nan)
    without = replace(FACES, labels=unlabelled)
    assert fit_convention(without, FACES.tasks).points is None
    # Of boxes that hold no face, none is found.
    away = replace(FACES, boxes=FACES.boxes + 100)
    assert fit_detector(away) is None


def test_faces_without_some_points_are_left_out_of_the_fit():
    points = FACES.labels["landmarks"].copy()
    points[::3, 1] = np.nan
    points[::6] = np.nan
    holey = replace(FACES, labels={**FACES.labels, "landmarks": points})
    whole = FACES.select(np.arange(300) % 3 > 0)
    found = fit_convention(holey, FACES.tasks).points
    assert found == fit_convention(whole, FACES.tasks).points
    points[:, 2, 1] = np.nan  # no face has all
    assert fit_convention(holey, FACES.tasks).points is None


@pytest.mark.parametrize("factor", [0.7, 1.5])
def test_larger_boxes_give_a_larger_convention(factor):
    plain = fit_convention(FACES, FACES.tasks)
    found = fit_convention(grown(FACES, factor), FACES.tasks)
    ratio = found.detector.scale / plain.detector.scale
    assert ratio == pytest.approx(factor, rel=0.05)
    # Points lie closer together in a larger box: their sums grow.
    z = faces_in_boxes(50, 5)
    sides = [np.abs(z @ x.points.side).mean() for x in (found, plain)]
    assert sides[0] / sides[1] == pytest.approx(factor, rel=0.15)


@pytest.mark.mtfl
def test_mtfls_convention_is_that_of_the_presets(mtfl_root):
    faces = facemtl.read_mtfl(mtfl_root, "train")
    found = fit_convention(faces, faces.tasks)
    known = load_network("base").box_convention
    assert found.points.rotation == pytest.approx(10, abs=0.3)
    assert found.points.offset == pytest.approx(0.12, abs=0.004)
    assert found.points.scale == pytest.approx(1.25, abs=0.02)
    for key in ("middle", "side"):
        own, other = (getattr(x.points, key) for x in (found, known))
        np.testing.assert_allclose(own, other, atol=0.06)
    assert found.detector.scale == pytest.approx(MTFL_BOXES.scale, abs=0.01)


def test_a_network_keeps_its_convention_in_every_file(tmp_path):
    boxes = BoxConvention(POINTS, DetectorConvention(1.25, (0.01, -0.02)))
    network = FaceNetwork((EYES, SMILE), width=0.25, box_convention=boxes)
    network.save(tmp_path / "model.keras")
    assert load_model(tmp_path).box_convention == boxes
    again = FaceNetwork.from_config(network.get_config())
    assert again.box_convention == boxes
    out = export_network(
        tmp_path,
        tmp_path / "out",
        quantize=["none"],
        mirrored=True,
        verbose=0,
    )
    for file in ("model.keras", "saved_model", "model.onnx"):
        assert load_network(out / file).box_convention == boxes
    assert load_network(out / "model_float32.tflite").box_convention == boxes
    content = json.loads((out / NAME).read_text())
    assert content["box_convention"] == boxes.to_dict()


def test_files_without_one_are_read():
    """As facemtl wrote them before networks had a convention."""
    content = json.loads(Sidecar((SMILE,), facemtl_crop()).to_json())
    del content["box_convention"]
    assert Sidecar.from_json(json.dumps(content)).box_convention is None
    config = FaceNetwork((EYES, SMILE), width=0.25).get_config()
    del config["box_convention"]
    assert FaceNetwork.from_config(config).box_convention is None


def facemtl_crop():
    from facemtl.geometry.crops import CropSpec

    return CropSpec()


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": None},
        {
            "points": None,
            "detector": {"scale": -1, "shift": [0, 0], "middle": []},
        },
        {"points": None, "detector": {"scale": 1, "shift": [0], "middle": []}},
        {
            "points": None,
            "detector": {"scale": 1, "shift": [0, 0], "middle": [[1, 0]]},
        },
        {"points": {**POINTS.to_dict(), "side": [[1, 0]]}, "detector": None},
        {"points": {**POINTS.to_dict(), "scale": 1}, "detector": None},
        {"points": {**POINTS.to_dict(), "offset": "x"}, "detector": None},
        [],
        "MTFL",
    ],
)
def test_a_broken_convention_is_refused(wrong):
    with pytest.raises(InputError, match="Expected"):
        read_convention(wrong, (EYES,))


def test_a_convention_of_other_points_is_refused():
    boxes = BoxConvention(POINTS, None)
    with pytest.raises(InputError, match=r"network's 5 points. Received: 2"):
        FaceNetwork((LANDMARKS, SMILE), box_convention=boxes)
    with pytest.raises(InputError, match="0 points"):
        read_convention(boxes.to_dict(), (SMILE,))


class Blind:
    """A network that says nothing of faces, with a convention."""

    def __init__(self, boxes):
        self.tasks, self.crop = (SMILE,), facemtl_crop()
        self.box_convention = boxes

    def predict(self, x, batch_size=250, verbose=0):
        return {"smile": np.full((len(x), 2), 0.5, "float32")}


def test_weights_of_the_detectors_points_place_its_boxes():
    detector = FaceDetector()
    photo = FACES.images.read(FACES.names[0])
    (row, *_) = detector.rows(photo)
    nose = DetectorConvention(1.0, middle=(0, 0, 1, 0, 0))
    (box, *_) = FaceDetector(convention=nose)(photo).boxes
    np.testing.assert_allclose((box[:2] + box[2:]) / 2, row[8:10])
    # Fitted ones do so on average, also where boxes lie to one side.
    moved = replace(FACES, boxes=FACES.boxes + [10.0, 0.0, 10.0, 0.0])
    fitted = FaceDetector(convention=fit_detector(moved))
    off = []
    for name, given in zip(moved.names[:60], moved.boxes, strict=False):
        for box in fitted(moved.images.read(name)).boxes[:1]:
            off.append((box - given).reshape(2, 2).mean(axis=0))
    assert len(off) > 50
    np.testing.assert_allclose(np.mean(off, axis=0), 0, atol=1.5)


def test_the_detector_follows_the_network():
    photo = FACES.images.read(FACES.names[0])
    own = DetectorConvention(2.0, (0.5, 0.0))
    plain = FaceDetector()(photo).boxes[0]
    side = plain[2] - plain[0]
    network = Blind(BoxConvention(None, own))
    shared = FaceDetector()
    for predictor in (Predictor(network), Predictor(network, shared)):
        (face, *_) = predictor(photo)
        left, top, right, bottom = face.box
        assert right - left == pytest.approx(2 * side)
        assert (left + right - plain[0] - plain[2]) / 2 == pytest.approx(
            side / 2
        )
        assert top + bottom == pytest.approx(plain[1] + plain[3])
    # A detector that a caller shares stays as it is; one of its own choice too.
    np.testing.assert_array_equal(shared(photo).boxes[0], plain)
    chosen = FaceDetector(convention=DetectorConvention(1.0))
    (face, *_) = Predictor(network, chosen)(photo)
    np.testing.assert_allclose(face.box, plain)


@pytest.mark.parametrize("boxes", [None, BoxConvention(POINTS, None)])
def test_a_network_that_does_not_know_its_boxes_says_so(boxes):
    photo = FACES.images.read(FACES.names[0])
    network = Blind(boxes)
    with pytest.warns(UserWarning, match="no convention of detector boxes"):
        faces = Predictor(network)(photo)
    expected = FaceDetector(convention=MTFL_BOXES)(photo).boxes
    np.testing.assert_allclose([face.box for face in faces], expected)
    # Boxes of the caller's own need no word.
    assert len(Predictor(network)(photo, FACES.boxes[:1])) == 1


def test_a_run_fits_its_convention(tmp_path):
    settings = ["data.source=synthetic", "data.faces=60", "train.epochs=1"]
    config = facemtl.load_config(settings=[*settings, "model.width=0.25"])
    facemtl.train(config, tmp_path, verbose=0)
    boxes = load_model(tmp_path).box_convention
    assert len(boxes.points.middle) == 5
    assert 0.7 < boxes.detector.scale < 1.1


@pytest.mark.mtfl
@pytest.mark.slow
def test_detector_boxes_and_two_passes_are_no_worse(mtfl_root, monkeypatch):
    """Than one pass with the given boxes, also if large boxes were given."""
    factor = 1.5
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from box_conventions import compared, rescaled, trained

    faces = facemtl.read_mtfl(mtfl_root, "train")
    order = np.random.default_rng(0).permutation(len(faces))
    train, chosen, scored = (
        faces.select(part) for part in np.split(order[:2000], [1500, 1600])
    )
    parts = (rescaled(some, factor) for some in (train, chosen))
    quick = ["train.epochs=8", "train.batch_size=16", "model.width=0.5"]
    network = trained(*parts, quick)
    errors = compared(network, scored, factor)
    assert errors["found"] > 97
    one = errors["given, one pass"]
    assert errors["given, two passes"] < 1.01 * one
    assert errors["detector, two passes"] < 1.01 * one
    assert errors["misplaced, two passes"] < errors["misplaced, one pass"]
