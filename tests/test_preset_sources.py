"""Training of presets on MTFL and MORE: settings, labels and the table."""

import doctest
import json
from pathlib import Path

import numpy as np
import pytest

from facemtl.config import load_config
from facemtl.dotted_names import differences

ROOT = Path(__file__).parent.parent
PRESETS = ROOT / "presets"


@pytest.fixture(autouse=True)
def presets(monkeypatch):
    """The folder `presets/` can be imported from."""
    monkeypatch.syspath_prepend(PRESETS)


def test_the_examples():
    import more_faces
    import more_points
    import sources
    import sources_table

    for module in (more_faces, more_points, sources, sources_table):
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("steps", "share", "epochs"),
    [(1, 0, 70), (2, 0, 140), (1, 0.5, 35), (1, 0.25, 52)],
)
def test_a_way_differs_from_its_preset_in_steps_and_sources(
    steps, share, epochs
):
    """As many steps: an epoch is one pass over MTFL, whatever its share."""
    import sources

    config = sources.Way("tiny", steps, share).config("MTFL", "more.csv")
    changed = set(differences(load_config("tiny"), config))
    expected = {"data.source", "train.threads"}
    expected |= {"train.epochs"} if epochs != 70 else set()
    expected |= {"data.more"} if share else set()
    assert changed == expected
    assert config["train"]["epochs"] == epochs


def test_ways_have_names_and_settings_of_their_own():
    import sources

    names = [way.name for way in sources.RUNS]
    assert len(set(names)) == len(names)
    way = sources.Way("tiny", 1, 0.5, margin=0.15, size=52)
    data = way.config("MTFL", "more.csv")["data"]
    assert (data["margin"], data["size"]) == (0.15, 52)


def test_children_and_doubted_labels_are_left_out_of_training(tmp_path):
    import more_faces

    people = tmp_path / "people.csv"
    people.write_text("file,age,group\nutk/a.jpg,3,other\nutk/b.jpg,3,other\n")
    rows = [
        {"file": "/x/utk/a.jpg", "gender": "male", "split": "train"},
        {"file": "/x/utk/b.jpg", "gender": "male", "split": "val"},
        {"file": "/x/celeba/c.jpg", "gender": "female", "split": "train"},
    ]
    assert more_faces.adults(rows, people) == rows[1:]
    wrong = {"gender": np.array([True, True, False])}
    kept = more_faces.agreed(rows, wrong)
    assert [row["gender"] for row in kept] == ["", "male", "female"]
    assert rows[0]["gender"] == "male"


def test_points_are_weighted_means_where_networks_agree():
    import more_points

    rng = np.random.default_rng(0)
    base = rng.uniform(0, 70, (200, 5, 2))
    large = base + 0.1
    large[:6] += 30  # 3 % of the faces
    boxes = np.tile([0.0, 0.0, 70.0, 70.0], (200, 1))
    points = more_points.agreed(np.stack([base, large]), boxes)
    assert np.isnan(points[:6]).all()
    np.testing.assert_allclose(points[6:], base[6:] + 0.2 / 3)


def test_a_mean_of_networks_is_that_of_their_predictions():
    import sources_scores

    faces = object()
    found = [
        {"MORE": (faces, {"smile": np.array([[x, 1 - x]]), own: np.zeros(1)})}
        for x, own in ((0.5, "a"), (0.9, "b"))
    ]
    same, mean = sources_scores.mean_of(found)["MORE"]
    assert same is faces
    assert mean.keys() == {"smile"}
    np.testing.assert_allclose(mean["smile"], [[0.7, 0.3]])


def test_the_committed_table_is_that_of_its_numbers():
    import sources

    content = json.loads((PRESETS / "sources.json").read_text("utf-8"))
    ways = [row["way"] for row in content["runs"]]
    assert ways == [*(way.name for way in sources.RUNS), sources.MEAN]
    text = (PRESETS / "sources.md").read_text("utf-8")
    assert text == sources.document(content)
    first = content["runs"][0]["scores"]["validation"]
    assert f"{first['landmarks']['mean_error_box']:.2f}" in text
