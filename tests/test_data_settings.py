"""Every setting of [data] with every kind of source: used, or refused."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from facemtl.config import default_config, load_settings
from facemtl.data.boxes import derived_boxes
from facemtl.data.csv.writer import write_csv
from facemtl.data.faces import BadRows
from facemtl.data.settings import BOXES
from facemtl.data.sources import load_split, load_splits
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.tasks import MTFL_TASKS
from facemtl.training.preparation import crop_splits
from tests.csv_case import write_lines
from tests.export_case import write_drawn
from tests.mtfl_fixture import label_row, list_row, make_mtfl, write_rows

KINDS = ("mtfl", "csv", "csv without boxes", "csv with splits", "synthetic")
CSVS = KINDS[1:4]
# Another value than the default of every key; a new key needs a decision here.
CHANGED = {
    "source": "",  # every test of this file sets it
    "more": {},  # see test_more_sources.py
    "faces": 30,
    "tasks": "tasks.toml",
    "boxes": "derived",
    "validation": 1,
    "validation_share": 0.2,
    "train_share": 0.5,
    "labelled": {"smile": 0.5},
    "repeat": {"smile": 2},
    "cache": "crops",
    "cache_gigabytes": 0.0,
    "size": 20,
    "color": "rgb",
    "margin": 0.5,
}
REFUSED = {
    "faces": {"mtfl", *CSVS},
    "tasks": {"mtfl", "synthetic"},
    "boxes": {"synthetic"},
    "validation": {"csv with splits"},
    "validation_share": {"csv with splits"},
}
# Boxes of this source come from its points anyhow.
SAME = {("boxes", "csv without boxes")}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A source of about 40 faces of every kind."""
    folder = tmp_path_factory.mktemp("sources")
    path = write_drawn(folder, 40, seed=3)
    header, *rows = path.read_text().splitlines()
    parts = ["train"] * 30 + ["val"] * 6 + ["test"] * 4
    with_splits = [
        f"{row},{part}" for row, part in zip(rows, parts, strict=True)
    ]
    names = header.split(",")
    kept = [i for i, name in enumerate(names) if name not in _BOX]
    bare = [
        ",".join(row.split(",")[i] for i in kept) for row in (header, *rows)
    ]
    return {
        "mtfl": str(_mtfl(folder / "MTFL")),
        "csv": str(path),
        "csv without boxes": str(write_lines(folder / "bare.csv", *bare)),
        "csv with splits": str(
            write_lines(folder / "split.csv", f"{header},split", *with_splits)
        ),
        "synthetic": "synthetic",
    }


@pytest.fixture(scope="module")
def plain(sources):
    """The crops of a kind of source with the default settings."""
    return cache(lambda kind: crops_of(configured(sources[kind])))


_BOX = ("left", "top", "right", "bottom")


def _mtfl(root: Path) -> Path:
    """Forty faces of the five photos."""
    make_mtfl(root)
    photos = [f"lfw_5590/a_{i}.jpg" for i in range(3)]
    names = [photos[i % 3] for i in range(40)]
    rows = [label_row(name, i % 3) for i, name in enumerate(names)]
    write_rows(root / "training.txt", rows)
    lists = [list_row(name, i) for i, name in enumerate(photos)]
    write_rows(root / "trainImageList.txt", lists)
    return root


def configured(source, **changes):
    settings = load_settings()
    small = {"faces": 24} if source == "synthetic" else {}
    data = replace(settings.data, source=str(source), **{**small, **changes})
    return replace(settings, data=data)


def crops_of(settings):
    splits = load_splits(settings.data, BadRows())
    return splits, crop_splits(splits, settings, MTFL_TASKS, BadRows(), 0)


def difference(before, after):
    """What two ways to read a source differ in."""
    (one, (train, _)), (other, (changed, _)) = before, after
    if one.train.tasks != other.train.tasks:
        return "tasks"
    if len(one.validation) != len(other.validation):
        return "validation faces"
    if len(one.train) != len(other.train):
        return "training faces"
    if not np.array_equal(one.train.boxes, other.train.boxes):
        return "boxes"
    for task in one.train.tasks:
        labels = (s.train.labels[task.name] for s in (one, other))
        if not np.array_equal(*labels, equal_nan=True):
            return "labels"
    if train.images.shape != changed.images.shape:
        return "crops' shape"
    return "" if np.array_equal(train.windows, changed.windows) else "windows"


def test_every_setting_is_decided():
    assert set(CHANGED) == set(default_config()["data"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "key", [key for key in CHANGED if key not in ("source", "more")]
)
def test_a_setting_is_used_or_refused(kind, key, sources, plain, tmp_path):
    source, value = sources[kind], CHANGED[key]
    if key == "tasks":
        value = str(tmp_path / value)
        Path(value).write_text(OWN_TASKS, encoding="utf-8")
    if key == "cache":
        value = str(tmp_path / value)
    settings = configured(source, **{key: value})
    if kind in REFUSED.get(key, ()):
        with pytest.raises(InputError) as error:
            load_splits(settings.data, BadRows())
        line = str(error.value)
        assert line.startswith(f"data.{key} is only for ")
        assert f"data.{key} = {value!r}" in line and source in line
        assert "\n" not in line
        return
    if key == "tasks":
        splits = load_splits(settings.data, BadRows())
        assert splits.train.tasks[0].names[0] == "first"
        return
    found = difference(plain(kind), crops_of(settings))
    if key == "cache":
        assert not found and list(Path(value).iterdir())
        return
    same = key == "cache_gigabytes" or (key, kind) in SAME
    assert bool(found) != same


OWN_TASKS = """
[[task]]
name = "landmarks"
kind = "landmarks"
names = ["first", "b", "c", "d", "e"]

[[task]]
name = "smile"
kind = "classes"
names = ["yes", "no"]

[[task]]
name = "gender"
kind = "classes"
names = ["male", "female"]

[[task]]
name = "glasses"
kind = "classes"
names = ["yes", "no"]

[[task]]
name = "pose"
kind = "classes"
names = ["left profile", "left", "frontal", "right", "right profile"]
"""


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_boxes_are_refused(kind, sources):
    data = configured(sources[kind], boxes="nonsense").data
    with pytest.raises(InputError) as error:
        load_splits(data, BadRows())
    assert str(error.value) == (
        f"Expected data.boxes in {BOXES}. Received: 'nonsense'."
    )


@pytest.mark.parametrize("kind", ["csv", "csv with splits", "mtfl"])
def test_boxes_are_derived_in_all_parts(kind, sources):
    data = configured(sources[kind], boxes="derived").data
    splits = load_splits(data, BadRows())
    parts = (("train", splits.train), ("val", splits.validation))
    parts += (("test", splits.test),) if splits.test else ()
    for name, faces in parts:
        points = faces.labels["landmarks"]
        expected = derived_boxes(points, faces.names)
        np.testing.assert_array_equal(faces.boxes, expected)
        again = load_split(sources[kind], name, MTFL_TASKS, BadRows(), data)
        np.testing.assert_array_equal(again.boxes, expected)
        np.testing.assert_array_equal(again.names, faces.names)
        given = load_split(sources[kind], name, MTFL_TASKS, BadRows())
        assert (given.boxes != expected).any()


def test_boxes_are_not_derived_without_points(tmp_path):
    path = write_lines(
        tmp_path / "faces.csv",
        "file,left,top,right,bottom,smile",
        "a.jpg,1,2,30,40,yes",
    )
    data = configured(str(path), boxes="derived").data
    with pytest.raises(InputError) as error:
        load_splits(data, BadRows())
    assert str(error.value).startswith(
        "faces.csv, row 2 (a.jpg): incomplete row: no points; "
        "data.boxes = 'derived' derives the box from them."
    )


def test_validation_faces_are_those_of_the_runs_settings(sources):
    data = configured(sources["csv"], validation=2).data
    own = load_splits(data, BadRows()).validation
    again = load_split(sources["csv"], "val", MTFL_TASKS, BadRows(), data)
    assert len(own) == 2
    assert again.names.tolist() == own.names.tolist()


def test_codes_of_a_file_that_data_tasks_names(tmp_path):
    faces = synthetic_faces(20, seed=1)
    write_csv(faces, tmp_path / "faces.csv")
    text = (tmp_path / "faces.csv").read_text()
    coded = text.replace(",male,", ",1,").replace(",female,", ",2,")
    (tmp_path / "faces.csv").write_text(coded)
    file = write_lines(
        tmp_path / "codes.toml", '[codes.gender]\n1 = "male"\n2 = "female"'
    )
    source = str(tmp_path / "faces.csv")
    with pytest.raises(InputError, match=r"gender is .* counts from 1"):
        load_splits(configured(source).data, BadRows())
    data = configured(source, tasks=str(file)).data
    splits = load_splits(data, BadRows())
    assert splits.train.tasks == faces.tasks
    by_name = dict(zip(faces.names, faces.labels["gender"], strict=True))
    expected = [by_name[name] for name in splits.train.names]
    assert splits.train.labels["gender"].tolist() == expected
    assert splits.notes == ()


def test_how_codes_were_read_reaches_the_notes(tmp_path):
    faces = synthetic_faces(20, seed=1)
    write_csv(faces, tmp_path / "faces.csv")
    text = (tmp_path / "faces.csv").read_text()
    coded = text.replace(",male,", ",0,").replace(",female,", ",1,")
    (tmp_path / "faces.csv").write_text(coded)
    source = str(tmp_path / "faces.csv")
    data = configured(source, labelled={"beard_": 1.0}).data
    with pytest.raises(InputError, match=r"data\.labelled as shares"):
        load_splits(data, BadRows())
    note = (
        "gender: 0 is read as male, 1 as female; state another coding in "
        "[codes.gender] of tasks.toml."
    )
    assert load_splits(configured(source).data, BadRows()).notes == (note,)
    faces = load_split(source, "test", MTFL_TASKS, BadRows())
    assert faces.notes == (note,)


def test_settings_are_those_of_the_command_line(sources):
    settings = load_settings(
        settings=[f"data.source={sources['csv']}", "data.faces=50"]
    )
    with pytest.raises(InputError, match=r"data\.faces is only for synthetic"):
        load_splits(settings.data, BadRows())


def test_fewer_validation_faces_than_asked_for_are_said(sources):
    source = f"data.source={sources['csv']}"
    data = load_settings(settings=["data.validation=10", source]).data
    splits = load_splits(data, BadRows())
    assert len(splits.validation) == 4
    assert (
        "data.validation: 4 faces, not 10; at most 10% of a set are kept "
        "from training (data.validation_share)." in splits.notes
    )
    data = replace(data, validation=3)
    assert len(load_splits(data, BadRows()).validation) == 3
    assert not [x for x in load_splits(data, BadRows()).notes if "valid" in x]
