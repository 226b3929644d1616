"""Peers of attributes: boxes, scores and tables, without their packages."""

import doctest
import json
from pathlib import Path

import numpy as np
import pytest

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.tasks import GENDER, SMILE

PEERS = Path(__file__).parent.parent / "benchmarks/peers"


@pytest.fixture(autouse=True)
def peers_path(monkeypatch):
    monkeypatch.syspath_prepend(PEERS)


def committed():
    return json.loads((PEERS / "attributes.json").read_text("utf-8"))


def by_brightness(task):
    """A predictor whose probability of the first class is the brightness."""
    from predictors import Predictor

    class Bright(Predictor):
        crop, tasks, megabytes = CropSpec(16, "gray"), (task,), 0.0

        def answer(self, crop):
            share = crop.mean() / 255
            return {task.name: np.array([share, 1 - share])}

    return Bright()


def shown_faces(task, planted):
    """Faces, each second of the first class, with photos.

    The planted box is white for the first class on black, else black on white.
    """
    faces = synthetic_faces(12, seed=3)
    faces.labels[task.name][:] = np.arange(12) % 2
    photos = []
    boxes = planted.boxes(faces.boxes).round().astype(int)
    for label, (left, top, right, bottom) in zip(
        faces.labels[task.name], boxes, strict=True
    ):
        photo = np.full((220, 220, 3), 255 * label, np.uint8)
        photo[top:bottom, left:right] = 255 * (1 - label)
        photos.append(photo)
    return faces, photos


@pytest.mark.parametrize(
    "name", ["attribute_peers", "attribute_sets", "attribute_scores"]
)
def test_examples_hold(name):
    failed, tried = doctest.testmod(__import__(name))
    assert failed == 0 < tried


def test_the_box_of_the_surest_right_answers_is_found():
    from attribute_scores import place, probabilities
    from placement import Placement

    planted = Placement(0.8, x=0.04, y=-0.12)
    peer = by_brightness(GENDER)
    faces, photos = shown_faces(GENDER, planted)
    found = place(peer, faces, photos)
    assert found["threshold"] == 0.5
    assert found["box"]["error"] < 1
    place_ = Placement(**{k: found["box"][k] for k in ("scale", "x", "y")})
    right = probabilities(peer, place_, faces, photos) > 0.5
    assert (right == (faces.labels["gender"] == 0)).all()
    # A smaller box within the planted one is as good, a larger one is not.
    assert found["box"]["scale"] <= 0.82


def test_the_threshold_of_smiles_is_chosen():
    from attribute_scores import peer_scores, place
    from attribute_sets import MTFL, LabelledSet
    from placement import Placement

    planted = Placement()
    peer = by_brightness(SMILE)
    whole = peer.answer
    peer.answer = lambda crop: {"smile": whole(crop)["smile"] * 0.3}
    faces, photos = shown_faces(SMILE, planted)
    found = place(peer, faces, photos)
    assert 0 < found["threshold"] <= 0.3
    given = LabelledSet("validation", MTFL, faces, photos)
    assert peer_scores(peer, found, given)["smile"]["accuracy"] == 100
    half = {**found, "threshold": 0.5}
    assert peer_scores(peer, half, given)["smile"]["accuracy"] == 50


def test_scores_are_of_labelled_faces_and_by_age():
    from attribute_scores import class_scores
    from attribute_sets import MORE, LabelledSet

    faces = synthetic_faces(4, seed=3)
    faces.labels["gender"][:] = [0, 1, 1, -1]
    years = {"0–4": np.array([True, True, False, True])}
    given = LabelledSet("UTKFace", MORE, faces, [], years)
    found = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
    scores = class_scores(given, GENDER, found)["gender"]
    assert scores["n"] == 3
    assert scores["accuracy"] == pytest.approx(66.67, abs=0.01)
    assert scores["balanced_accuracy"] == 75
    assert scores["years"]["0–4"]["accuracy"] == 50
    assert given.labelled(GENDER)
    faces.labels["gender"][:] = -1
    assert not given.labelled(GENDER)


def test_a_network_without_its_package_is_told(tmp_path):
    from attribute_peers import attribute_peers

    with pytest.raises(InputError, match=r"age_gender_model.bin; see bench"):
        attribute_peers(str(tmp_path))["face-api, gender"]()


def test_what_was_measured_before_is_kept(tmp_path):
    from attribute_sets import MTFL, LabelledSet
    from attributes import kept, score_peer
    from placement import Placement

    file = tmp_path / "attributes.json"
    box = {"scale": 1.0, "x": 0.0, "y": 0.0, "error": 1.0}
    part = {
        "placed": {MTFL: {"box": box, "threshold": 0.5}},
        "scores": {"test": "kept"},
    }
    text = json.dumps({"predictors": {"a": part, "old": {}}, "commands": ["x"]})
    file.write_text(text)
    parts, commands = kept(file, ["a", "b"])
    assert (parts, commands) == ({"a": part}, ["x"])
    faces, photos = shown_faces(GENDER, Placement())
    sets = [LabelledSet(x, MTFL, faces, photos) for x in ("test", "validation")]
    score_peer(by_brightness(GENDER), parts["a"], sets, None)
    assert parts["a"]["scores"]["test"] == "kept"
    assert parts["a"]["scores"]["validation"]["gender"]["accuracy"] == 100


def test_a_slow_network_is_measured_on_some_faces():
    from attribute_scores import peer_scores
    from attribute_sets import MTFL, LabelledSet
    from attributes_table import some_faces
    from placement import Placement

    peer = by_brightness(GENDER)
    peer.every = 5
    faces, photos = shown_faces(GENDER, Placement())
    given = LabelledSet("validation", MTFL, faces, photos)
    box = {"scale": 1.0, "x": 0.0, "y": 0.0, "error": 1.0}
    scores = peer_scores(peer, {"box": box, "threshold": 0.5}, given)
    assert scores["gender"]["n"] == 3
    parts = {"slow": {"scores": {"validation": scores}}}
    results = {"faces": {"validation": 12}, "predictors": parts}
    (text,) = some_faces(results)
    assert "slow" in text
    assert "one face in 4" in text


def test_the_tables_are_those_of_the_numbers():
    from attributes_table import document

    shown = (PEERS / "attributes.md").read_text("utf-8")
    assert document(committed()) + "\n" == shown


def test_networks_of_a_package_are_one_row():
    from attributes_table import SHORT, readme_table

    def part(**scores):
        own = {k: {"accuracy": x} for k, x in scores.items()}
        sets = {key: {} for key in SHORT} | {"test": own}
        return {"scores": sets, "cpu_milliseconds": 1.5}

    parts = {"x, gender": part(gender=90.0), "x, happy": part(smile=80.0)}
    parts["x, network alone"] = part(gender=50.0)
    text = readme_table(parts, short=True)
    assert text.splitlines()[2:] == ["| x | 90.0 | – | 80.0 |"]
    assert "| 3.00 |" in readme_table(parts)


def test_parameters_are_counted_from_the_file_beside_the_weights(tmp_path):
    from node_peer import _parameters

    weights = [{"name": "a", "shape": [2, 3]}, {"name": "b", "shape": []}]
    manifest = [{"paths": ["x"], "weights": weights}]
    of_face_api = tmp_path / "one-weights_manifest.json"
    of_face_api.write_text(json.dumps(manifest))
    of_human = tmp_path / "two.json"
    of_human.write_text(json.dumps({"weightsManifest": manifest}))
    assert _parameters(tmp_path / "one.bin") == 7
    assert _parameters(tmp_path / "two.bin") == 7
