"""The presets: they load by name, and score what their cards say."""

import io
import json
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from facemtl.config import preset_names
from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split
from facemtl.inference.runtimes import load_network
from facemtl.presets import (
    FOLDER,
    find_pretrained,
    presets_with,
    pretrained_names,
)
from facemtl.tasks import MTFL_TASKS, load_layout

ROOT = Path(__file__).parent.parent
NAMES = pretrained_names()
OF_MTFL = presets_with(MTFL_TASKS)
OF_68 = presets_with([load_layout("points68")])
# Bytes.
LARGEST = {"tiny": 0.35e6, "base": 2e6, "large": 6e6, "points68": 1.5e6}


@pytest.fixture(autouse=True)
def presets(monkeypatch):
    """The folder `presets/` can be imported from."""
    monkeypatch.syspath_prepend(ROOT / "presets")


def result_of(name):
    return json.loads((ROOT / f"presets/{name}.json").read_text("utf-8"))


def test_every_network_of_the_package_has_its_name():
    assert {file.stem for file in FOLDER.glob("*.tflite")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_small_and_can_be_trained_again(name):
    assert find_pretrained(name).stat().st_size <= LARGEST[name]
    assert result_of(name)["bytes"] == find_pretrained(name).stat().st_size
    assert name in preset_names()


@pytest.mark.parametrize("name", OF_MTFL)
def test_drawn_faces_score_what_is_pinned(name):
    from scoring import pinned

    expected = result_of(name)["pinned"]["drawn"]
    assert pinned(find_pretrained(name)) == pytest.approx(expected, abs=0.02)


@pytest.mark.mtfl
@pytest.mark.parametrize("name", OF_MTFL)
def test_real_faces_score_what_is_pinned(name, mtfl_root):
    from scoring import pinned

    found = pinned(find_pretrained(name), str(mtfl_root))
    expected = result_of(name)["pinned"]["validation"]
    assert found == pytest.approx(expected, abs=0.02)


@pytest.mark.mtfl
@pytest.mark.parametrize("name", OF_MTFL)
def test_a_second_look_at_tilted_faces_scores_what_is_pinned(name, mtfl_root):
    from scoring import TILTED, pinned

    found = pinned(find_pretrained(name), str(mtfl_root), TILTED)
    expected = result_of(name)["pinned"]["tilted"]
    assert found == pytest.approx(expected, abs=0.02)


@pytest.mark.mtfl
@pytest.mark.parametrize("name", OF_68)
def test_68_points_of_real_faces_score_what_the_card_says(name, mtfl_root):
    from labelled_faces import splits

    from facemtl.evaluation.faces import evaluate_faces

    file = mtfl_root.parent / "POINTS68/labels.csv"
    faces = splits(str(file)).validation
    expected = result_of(name)["seeds"][0]
    for scores, looks in ((expected, False), (expected["second_look"], True)):
        found = evaluate_faces(name, faces, verbose=0, second_look=looks)
        assert found["n"] == scores["validation"]["n"] == 335
        for key in ("mean_error_eye_corners", "mean_error_box"):
            whole = scores["validation"]["landmarks"][key]
            assert found["landmarks"][key] == pytest.approx(whole, abs=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_the_card_is_that_of_the_numbers(name):
    import card
    import card68

    text = (FOLDER / f"{name}.md").read_text("utf-8")
    module = card if name in OF_MTFL else card68
    assert text == module.card(result_of(name))
    assert [*OF_MTFL, *OF_68] == NAMES


@pytest.mark.parametrize("name", OF_MTFL)
def test_the_reliability_diagram_is_that_of_the_shipped_file(name):
    from reliability import network_checksum
    from reliability_chart import alternative, draw

    result = result_of(name)
    found = result["reliability"]
    assert found["network"] == network_checksum(name)
    (link,) = re.findall(
        r"!\[(.+)\]\((.+)\)", (FOLDER / f"{name}.md").read_text("utf-8")
    )
    assert link == (alternative(result), f"{name}_reliability.svg")
    shown = texts_of(FOLDER / link[1])
    for task, own in found["attributes"].items():
        scores = own["two_passes"]
        bins = [x["n"] for x in scores["bins"]]
        assert sum(bins) == found["n"] == 1000
        assert Counter(map(str, bins)) <= Counter(shown)
        assert f"{task}, error {scores['calibration_error']:.1f} %" in shown
    drawn = io.BytesIO()
    draw(result, drawn)
    assert texts_of(io.BytesIO(drawn.getvalue())) == shown


def texts_of(file):
    """The title, and the numbers and words that an SVG shows."""
    tags = (
        "{http://www.w3.org/2000/svg}text",
        "{http://www.w3.org/2000/svg}title",
    )
    return [x.text for x in ElementTree.parse(file).iter() if x.tag in tags]


@pytest.mark.mtfl
def test_the_reliability_is_that_of_real_faces(mtfl_root):
    from reliability import measured

    tiny = load_network("tiny")
    faces = load_split(str(mtfl_root), "val", tiny.tasks, BadRows())
    found = measured(tiny, faces, draws=2)["attributes"]
    for task, own in result_of("tiny")["reliability"]["attributes"].items():
        for passes, scores in own.items():
            error = found[task][passes]["calibration_error"]
            assert error == pytest.approx(scores["calibration_error"], abs=0.2)


def test_exact_probabilities_have_errors_by_chance_alone():
    from reliability import errors

    rng = np.random.default_rng(1)
    top = rng.uniform(0.5, 1, 1000)
    labels = np.where(rng.random(1000) < top, 0, 1)
    exact = errors(labels, np.stack([top, 1 - top], 1), 200)
    assert exact["as_large_by_chance"] > 5
    assert exact["interval"][0] == 0
    # Bold probabilities: the true error is their distance from the exact ones.
    bold = np.stack([top, 1 - top], 1) ** 3
    bold /= bold.sum(1, keepdims=True)
    wrong = errors(labels, bold, 200)
    low, high = wrong["interval"]
    assert low < 100 * (bold[:, 0] - top).mean() < high
    assert wrong["as_large_by_chance"] == 0
