"""A study's TOML: what it says, and what it may not say."""

import json

import pytest

from facemtl.config import default_config
from facemtl.dotted_names import flat
from facemtl.errors import InputError
from facemtl.mtl import WEIGHTINGS
from facemtl.settings import settings_of
from facemtl.studies.paths import without_folders
from facemtl.studies.run import changed_settings, list_runs, run_name
from facemtl.studies.study import load_study, study_names

SMALL = """
title = "Small"
question = "Which?"
seeds = 2
baselines = ["one"]

[settings]
train.epochs = 3

[[groups]]
name = "few"
settings.data.train_share = 0.1

[[groups.variants]]
name = "only here"
model = "split"

[[groups]]
name = "many"

[[variants]]
name = "one"
model = "single"

[[variants]]
name = "factor {}, stages {}"
model = "cross_stitch"
settings.train.epochs = 4
each."model.weight_regularization.factor" = [0.1, 0.2]
each."model.stitch.stages" = [["pool1"], ["pool1", "fc"]]
"""


def write(folder, text):
    file = folder / "small.toml"
    file.write_text(text)
    return file


@pytest.fixture
def small(tmp_path):
    return write(tmp_path, SMALL)


def test_variants_of_groups_and_of_each(small):
    study = load_study(small)
    assert (study.name, study.title, study.seeds) == ("small", "Small", 2)
    shared = ["one"] + [
        f"factor {factor}, stages {stages}"
        for factor in (0.1, 0.2)
        for stages in ("pool1", "pool1 + fc")
    ]
    names = [(v.group, v.name) for v in study.variants]
    assert names == [
        ("few", "only here"),
        *(("few", name) for name in shared),
        *(("many", name) for name in shared),
    ]


def test_later_settings_win(small):
    study = load_study(small, settings=["train.batch_size=8"])
    by_name = {(v.group, v.name): v.config for v in study.variants}
    one = by_name["few", "one"]
    assert one["model"]["architecture"] == "single"
    assert one["data"]["train_share"] == 0.1
    assert one["train"]["epochs"] == 3
    stitched = by_name["many", "factor 0.2, stages pool1 + fc"]
    assert stitched["data"]["train_share"] == 1.0
    assert stitched["train"]["epochs"] == 4
    assert stitched["model"]["stitch"]["stages"] == ["pool1", "fc"]
    assert stitched["model"]["weight_regularization"]["factor"] == 0.2
    assert {c["train"]["batch_size"] for c in by_name.values()} == {8}
    assert load_study(small, seeds=7).seeds == 7


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title =", "titel =", "unknown key 'titel'"),
        ("seeds = 2", "seeds = 0", "seeds >= 1. Received: 0"),
        ("seeds = 2", 'seeds = "2"', "seeds as a int. Received: '2'"),
        ('["one"]', '["two"]', r"baselines out of .*Received: \['two'\]"),
        (
            "train.epochs = 3",
            "train.epoch = 3",
            "unknown setting 'train.epoch'",
        ),
        ('model = "single"', 'model = "singel"', "Received: 'singel'"),
        ('name = "one"', 'title = "one"', "unknown key 'title'"),
        ('name = "one"\n', "", "variant 2: expected a name"),
        ('name = "only here"', 'name = "one"', "2 times 'one'"),
        ("factor {}, stages {}", "factor {}", r"a \{\} for each of"),
        ("[[groups.variants]]", "[[groups.variant]]", "key 'variant'"),
        ("seeds = 2", "seeds = ", "expected a TOML file"),
    ],
)
def test_what_does_not_fit_is_told_with_the_file(tmp_path, old, new, message):
    assert old in SMALL
    file = write(tmp_path, SMALL.replace(old, new, 1))
    with pytest.raises(InputError, match=message) as caught:
        load_study(file)
    assert "\n" not in str(caught.value)


def test_an_empty_study_and_an_unknown_one(tmp_path):
    with pytest.raises(InputError, match=r"\[\[variants\]\]. Received: none"):
        load_study(write(tmp_path, 'title = "Nothing"'))
    with pytest.raises(InputError, match=r"'variants'.*Received: 'varaints'"):
        load_study("varaints")


@pytest.mark.parametrize("name", study_names())
def test_shipped_studies_are_fair(name):
    """Within a group all have one data set, augmentation and test."""
    study = load_study(name)
    assert study.question.endswith("?")
    assert study.baselines
    groups = {}
    for variant in study.variants:
        groups.setdefault(variant.group, []).append(variant)
    for variants in groups.values():
        if name == "labels":  # those alone see their few faces more often
            variants = [v for v in variants if "alone" not in v.name]
        for key in ("data", "augment"):
            assert len({json.dumps(v.config[key]) for v in variants}) == 1
        train = [v.config["train"] for v in variants]
        assert len({t["epochs"] + t["alone_epochs"] for t in train}) == 1
        for key in ("batch_size", "learning_rate", "average", "schedule"):
            assert len({t[key] for t in train}) == 1


def test_the_study_of_weightings_has_all_of_them():
    groups = {}
    for variant in load_study("weightings").variants:
        assert variant.config["weighting"]["method"] == variant.name
        groups.setdefault(variant.group, set()).add(variant.name)
    assert list(groups.values()) == [set(WEIGHTINGS)] * 2


def test_wide_networks_have_the_parameters_of_cross_stitch():
    from facemtl.models.cost import parameters
    from facemtl.tasks import LANDMARKS, MTFL_TASKS
    from facemtl.training.preparation import build_network

    by_name = {v.name: v.config for v in load_study("variants").variants}

    def size(name, tasks):
        settings = settings_of(by_name[name])
        return parameters(build_network(settings, tasks))

    whole = size("cross-stitch", MTFL_TASKS)
    for wide in (
        size("wide single", (LANDMARKS,)),
        size("wide split", MTFL_TASKS),
    ):
        assert wide == pytest.approx(whole, rel=0.01)


def test_runs_are_named_by_what_they_learn(small, tmp_path):
    config = default_config()
    name = run_name(config)
    faster = {**config["train"], "threads": 4}
    assert run_name({**config, "train": faster}) == name
    seeded = {**config["train"], "seed": 5}
    assert run_name({**config, "train": seeded}) == name[:-1] + "5"
    longer = {**config["train"], "epochs": 17}
    assert run_name({**config, "train": longer}) != name
    other = {**config["data"], "source": "other.csv"}
    assert run_name({**config, "data": other}) != name
    assert changed_settings({**config, "train": longer}) == {"train.epochs": 17}

    runs = list_runs(load_study(small), "faces.csv", tmp_path)
    assert len(runs) == 2 * 11
    assert [run.config["train"]["seed"] for run in runs] == [0] * 11 + [1] * 11
    for run in runs:
        assert run.config["train"]["threads"] == 1
        assert run.config["data"]["source"] == "faces.csv"
    # The studies' common settings are told once: what differs is few.
    one = changed_settings(runs[1].config)
    assert set(one) <= set(flat(config))


def test_results_hold_no_folder_of_the_machine():
    kept = without_folders(
        {
            "command": "facemtl compare a --data /secret/place/faces.csv",
            "data.tasks": "/secret/place/tasks.toml",
            "windows": "C:\\secret\\tasks.toml",
            "home": ["~/secret/tasks.toml", 3, None],
            "factor": "1/2",
        }
    )
    assert kept == {
        "command": "facemtl compare a --data faces.csv",
        "data.tasks": "tasks.toml",
        "windows": "tasks.toml",
        "home": ["tasks.toml", 3, None],
        "factor": "1/2",
    }


def test_studies_share_the_runs_they_have_in_common(tmp_path):
    first = list_runs(load_study("regularization"), "MTFL", tmp_path)
    other = list_runs(load_study("stitching"), "MTFL", tmp_path)
    base = {r.folder for r in first if r.variant.name == "cross-stitch"}
    same = {r.folder for r in other if r.variant.name == "all stages"}
    assert base == same
    assert len(base) == 3
