"""Errors by age and group: cells, gaps, cards and committed numbers."""

import doctest
import json
from pathlib import Path

import numpy as np
import pytest
from test_scores import table

from facemtl.errors import InputError
from facemtl.presets import presets_with
from facemtl.tasks import GENDER, MTFL_TASKS, SMILE

ROOT = Path(__file__).parent.parent
PRESETS = ROOT / "presets"


@pytest.fixture(autouse=True)
def presets(monkeypatch):
    """The folder `presets/` can be imported from."""
    monkeypatch.syspath_prepend(PRESETS)


def committed():
    return json.loads((PRESETS / "fairness.json").read_text("utf-8"))


def preset(name):
    return json.loads((PRESETS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["people", "fairness_cells"])
def test_examples_hold(name):
    failed, tried = doctest.testmod(__import__(name))
    assert failed == 0 < tried


def test_people_are_found_by_the_names_of_photos(tmp_path):
    from people import Person, by_age, read_people

    file = tmp_path / "people.csv"
    file.write_text("file,age,group\nutk/a.jpg,4,asian\nutk/b.jpg,59,white\n")
    assert read_people(file)["a.jpg"] == Person(4, "asian")
    found = by_age(np.array(["x/b.jpg", "a.jpg"]), file)
    assert found["0–4"].tolist() == [False, True]
    assert found["30–59"].tolist() == [True, False]
    assert not found["60+"].any()
    file.write_text("file,age\n")
    with pytest.raises(InputError, match="columns file, age, group"):
        read_people(file)


def test_cells_are_of_labels_and_of_known_people():
    from fairness_cells import groupings_of
    from people import Person

    labels = {
        "gender": np.array([0, 1, 1]),
        "smile": np.array([-1, -1, -1]),
    }
    faces = table((GENDER, SMILE), **labels)
    names = [Path(name).name for name in faces.names]
    people = {
        name: Person(age, "black")
        for name, age in zip(names, (3, 3, 70), strict=True)
    }
    found = groupings_of(faces, people)
    assert list(found) == [
        *("all", "age", "group", "gender", "age and gender"),
        "group and gender",
    ]
    assert found["age and gender"]["0–4, female"].tolist() == [0, 1, 0]
    assert found["group"]["black"].all()
    # One without an age: it cannot be left out in silence.
    del people[names[0]]
    assert list(groupings_of(faces, people)) == ["all", "gender"]


def test_gaps_are_named_from_five_points_on():
    from fairness_cells import gaps

    def cell(share):
        return {"accuracy": [share, share - 2, share + 1]}

    cells = {"a": cell(90.0), "b": cell(85.1), "c": cell(84.9)}
    (row,) = gaps({"smile": {"age": cells}})
    assert (row["cell"], row["best"]) == ("c", "a")
    assert row["difference"][0] == pytest.approx(5.1)
    assert row["difference"][1] < 5.1 < row["difference"][2]


def test_the_tables_are_those_of_the_numbers():
    from fairness_table import document

    shown = (PRESETS / "fairness.md").read_text("utf-8")
    assert document(committed()) == shown


@pytest.mark.parametrize("name", presets_with(MTFL_TASKS))
def test_the_numbers_are_of_the_shipped_network_and_in_its_card(name):
    from fairness import network_checksum
    from fairness_table import limits, section

    own = committed()["networks"][name]
    assert own["network"] == network_checksum(name)
    text = (ROOT / f"facemtl/presets/{name}.md").read_text("utf-8")
    assert section(preset(name)) in text
    assert limits(preset(name)) in text
    named = [row for rows in own["gaps"].values() for row in rows]
    assert named
    assert all(row["cell"] in text for row in named)


def test_a_card_does_not_show_the_errors_of_another_network():
    from card import card

    result = preset("tiny")
    result["reliability"]["network"] = "another"
    text = card(result)
    assert "## Errors by age" not in text
    assert "were not measured" in text


@pytest.mark.mtfl
@pytest.mark.slow  # It reads the labels of 34,082 faces.
def test_a_network_is_measured_on_some_faces(mtfl_root):
    from fairness import validation_faces
    from fairness_cells import measured
    from people import read_people

    from facemtl.inference.runtimes import load_network

    more = mtfl_root.parent / "MORE"
    faces = validation_faces(str(more / "labels.csv"))["UTKFace"]
    some = faces.select(np.arange(0, len(faces), 50))
    network = load_network("tiny")
    found = measured(network, some, read_people(more / "people.csv"))
    assert list(found) == ["gender"]
    ages = found["gender"]["age"]
    assert sum(cell["n"] for cell in ages.values()) == len(some)
    assert found["gender"]["all"]["all"]["accuracy"][0] > 70
    assert found["gender"]["all"]["all"]["confidence"] > 90
