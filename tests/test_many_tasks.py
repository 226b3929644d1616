"""The example with 40 tasks: its faces, runs and committed table."""

import csv
import json
import math
from importlib import import_module
from pathlib import Path

import keras
import numpy as np
import pytest

from facemtl.errors import InputError
from facemtl.mtl import BALANCINGS, WEIGHTINGS

ROOT = Path(__file__).parent.parent


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples")
    return import_module


@pytest.fixture
def folder(tmp_path, scripts, monkeypatch):
    """Photos of noise, half of them positive in each task."""
    faces = scripts("many_faces")
    counts = {"TEST": 4, "VALIDATION": 4, "TRAIN": 8}
    for name, count in counts.items():
        monkeypatch.setattr(faces, name, count)
    rng = np.random.default_rng(0)
    with (tmp_path / "celeba40.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", *faces.TASKS])
        for i in range(sum(counts.values())):
            photo = rng.integers(256, size=(112, 112, 1))
            keras.utils.save_img(tmp_path / f"{i}.png", photo, scale=False)
            table.writerow([f"{i}.png", *rng.integers(2, size=40)])
    return tmp_path


def test_each_group_has_its_tasks(scripts):
    faces = scripts("many_faces")
    assert len(faces.TASKS) == 40
    for count in (1, 2, 4, 9):
        groups = faces.groups(count)
        assert len(groups) == count
        assert sorted(t for own in groups for t in own) == faces.TASKS


def test_parts_are_apart_and_those_of_their_seed(folder, scripts):
    load = scripts("many_faces").load
    parts, again, other = load(folder), load(folder), load(folder, seed=1)
    assert [len(x.x) for x in parts.values()] == [4, 4, 8]
    rows = np.concatenate([x.x.reshape(len(x.x), -1) for x in parts.values()])
    assert len(np.unique(rows, axis=0)) == 16
    assert (parts["test"].x == again["test"].x).all()
    assert (parts["test"].x != other["test"].x).any()
    assert parts["train"].labels()["young"].shape == (8, 1)
    with pytest.raises(InputError, match=r"celeba40\.csv\. Received: "):
        load(folder / "none")


def test_scores_of_faces_are_those_of_tasks(scripts):
    rng = np.random.default_rng(0)
    truth, found = rng.integers(2, size=(2, 50, 3))
    scores = scripts("many_table").face_scores(found, truth)
    right = found == truth
    both = [
        (right[truth[:, k] == 0, k].mean() + right[truth[:, k] == 1, k].mean())
        / 2
        for k in range(3)
    ]
    assert np.mean(scores["accuracy"]) == pytest.approx(100 * right.mean())
    mean = pytest.approx(100 * np.mean(both), abs=1e-3)
    assert np.mean(scores["balanced_accuracy"]) == mean


def test_finished_runs_are_not_trained_again(scripts, tmp_path):
    kept, calls = scripts("many_tasks").kept, []
    for _ in range(2):
        assert kept(tmp_path / "a.json", lambda: calls.append(1) or 3) == 3
    assert calls == [1]


@pytest.mark.slow
def test_a_run_trains_and_is_scored(folder, scripts):
    tasks, training = scripts("many_tasks"), scripts("many_training")
    parts = scripts("many_faces").load(folder)
    # Each class is there in each part.
    for part in parts.values():
        part.y[:] = np.arange(len(part.y))[:, None] % 2
    variant = training.Variant("a", tuned=True)
    groups = dict.fromkeys(scripts("many_faces").GROUPS, 0.5)
    run = tasks.run_of(variant, groups, 0, parts)
    assert len(run["scores"]["test"]["accuracy"]) == 4
    assert all(math.isfinite(x) for x in run["scores"]["test"]["accuracy"])


def test_the_committed_table_is_that_of_its_numbers(scripts):
    folder = ROOT / "results/many_tasks"
    content = json.loads((folder / "many_tasks.json").read_text("utf-8"))
    text = (folder / "table.md").read_text("utf-8")
    assert text == scripts("many_table").table(content)
    names = [variant.name for variant in scripts("many_training").variants()]
    assert set(names) > {*WEIGHTINGS, *BALANCINGS} - {"fixed"}
    assert set(content["variants"]) <= set(names)
    sizes = [row["weights"] for row in content["variants"].values()]
    assert max(sizes) < 1.03 * min(sizes)
    for row in content["variants"].values():
        assert len(row["test accuracy"]["runs"]) == 3
