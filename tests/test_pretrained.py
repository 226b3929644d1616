"""The presets: they load by name, and score what their cards say."""

import json
from pathlib import Path

import pytest

from facemtl.config import preset_names
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


def test_what_was_tried_is_in_the_readme():
    from readme_tables import (
        ceiling_table,
        channels_table,
        held_out_table,
        live_units_table,
        second_look_table,
        tried_table,
    )

    readme = (ROOT / "presets/README.md").read_text("utf-8")
    assert tried_table() in readme
    assert held_out_table() in readme
    assert channels_table() in readme
    assert second_look_table() in readme
    assert ceiling_table() in readme
    assert live_units_table() in readme
