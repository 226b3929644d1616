"""The presets: they load by name, and score what their cards say."""

import json
from pathlib import Path

import pytest

from facemtl.config import preset_names
from facemtl.presets import FOLDER, find_pretrained, pretrained_names

ROOT = Path(__file__).parent.parent
NAMES = pretrained_names()
LARGEST = {"tiny": 0.35e6, "base": 2e6, "large": 6e6}  # bytes


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


@pytest.mark.parametrize("name", NAMES)
def test_drawn_faces_score_what_is_pinned(name):
    from scoring import pinned

    expected = result_of(name)["pinned"]["drawn"]
    assert pinned(find_pretrained(name)) == pytest.approx(expected, abs=0.02)


@pytest.mark.mtfl
@pytest.mark.parametrize("name", NAMES)
def test_real_faces_score_what_is_pinned(name, mtfl_root):
    from scoring import pinned

    found = pinned(find_pretrained(name), str(mtfl_root))
    expected = result_of(name)["pinned"]["validation"]
    assert found == pytest.approx(expected, abs=0.02)


@pytest.mark.mtfl
@pytest.mark.parametrize("name", NAMES)
def test_a_second_look_at_tilted_faces_scores_what_is_pinned(name, mtfl_root):
    from scoring import TILTED, pinned

    found = pinned(find_pretrained(name), str(mtfl_root), TILTED)
    expected = result_of(name)["pinned"]["tilted"]
    assert found == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_the_card_is_that_of_the_numbers(name):
    from card import card

    text = (FOLDER / f"{name}.md").read_text("utf-8")
    assert text == card(result_of(name))


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
