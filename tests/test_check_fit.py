"""What `fit` says about its labels before it trains."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from facemtl.config import load_config, load_settings
from facemtl.data.check import look
from facemtl.data.command import main
from facemtl.data.csv.reader import read_csv
from facemtl.data.faces import BadRows
from facemtl.data.sources import load_splits
from facemtl.geometry.crops import CropSpec
from facemtl.pipeline.crop_cache import CachePlan, crop_faces
from facemtl.training.run_labels import warn_of_labels, warn_of_photos
from tests.check_case import as_size, drawn_rows, write_rows


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The rows of 60 drawn photos."""
    return drawn_rows(tmp_path_factory.mktemp("drawn"))


def _settings(path):
    return load_settings("split", settings=[f"data.source={path}"])


def test_fit_warns_before_photos_are_read(drawn, tmp_path, capsys):
    rows = [as_size(row) for row in drawn]
    for row in rows:
        row["smile"] = "yes"
        row["file"] = "missing.png"
    settings = _settings(write_rows(tmp_path, rows))
    # Only faces whose boxes can be read as left, top, right, bottom are left.
    splits = load_splits(settings.data, BadRows(skip=True))
    lines = warn_of_labels(settings.model, splits, verbose=1)
    out = capsys.readouterr().out
    assert out == "".join(f"warning: {line}\n" for line in lines)
    assert any("x, y, width, height" in line for line in lines)
    assert any("smile is nearly constant" in line for line in lines)
    alone = replace(settings.model, tasks=["landmarks"])
    assert "smile" not in str(warn_of_labels(alone, splits, verbose=0))
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_fit_warns_of_copies_and_keeps_it_in_its_report(
    drawn, tmp_path, capsys
):
    from facemtl.training.runs import train

    rows = [dict(row) for row in drawn]
    copy = str(tmp_path / "copy.png")
    cv2.imwrite(copy, cv2.imread(rows[7]["file"]))
    rows.append(rows[7] | {"file": copy, "split": "test"})
    settings = ["train.epochs=1", "model.width=0.25", "data.repeat={smile=2}"]
    source = f"data.source={write_rows(tmp_path, rows)}"
    config = load_config("split", settings=[*settings, source])
    report = train(config, tmp_path / "run", verbose=2)
    (line,) = report["warnings"]
    assert "faces.csv, row 9 (train) and faces.csv, row 62 (test)" in line
    assert f"warning: {line}\n" in capsys.readouterr().out
    assert report["scores"]["test"]["n"] == 11


@pytest.mark.slow
def test_warnings_of_labels_are_kept(drawn, tmp_path, monkeypatch):
    rows = [as_size(row) | {"smile": "yes"} for row in drawn]
    settings = _settings(write_rows(tmp_path, rows))
    splits = load_splits(settings.data, BadRows(skip=True))
    cache, tasks = tmp_path / "cache", splits.train.tasks
    lines = look.label_warnings(splits, tasks, cache)
    assert lines == look.label_warnings(splits, tasks) != []
    monkeypatch.setattr(look, "seen_splits", lambda *_: 1 / 0)
    assert look.label_warnings(splits, tasks, cache) == lines
    # Other tasks, labels, boxes or rows.
    train = splits.train
    smile = {**train.labels, "smile": 1 - train.labels["smile"]}
    for other in (
        {"tasks": tasks[:1]},
        {"faces": replace(train, labels=smile)},
        {"faces": replace(train, boxes=train.boxes + 1)},
        {"faces": replace(train, rows=train.rows[::-1])},
    ):
        changed = replace(splits, train=other.get("faces", train))
        with pytest.raises(ZeroDivisionError):
            look.label_warnings(changed, other.get("tasks", tasks), cache)


def test_warnings_of_photos_are_kept_with_their_crops(
    drawn, tmp_path, monkeypatch
):
    rows = [dict(row) for row in drawn]
    copy = str(tmp_path / "copy.png")
    cv2.imwrite(copy, cv2.imread(rows[7]["file"]))
    rows.append(rows[7] | {"file": copy, "split": "test"})
    faces = read_csv(write_rows(tmp_path, rows))
    cache, plan = tmp_path / "cache", CachePlan(CropSpec())

    def cropped(index):
        return crop_faces(faces.select(index), plan, cache=cache, verbose=0)

    parts = [cropped(np.arange(60)), cropped(np.arange(60, 61))]
    (line,) = look.photo_warnings(parts, cache)
    monkeypatch.setattr(look, "thumbnails", lambda *_: 1 / 0)
    assert look.photo_warnings(parts, cache) == [line]
    # Other photos, no cache, and a damaged file.
    with pytest.raises(ZeroDivisionError):
        look.photo_warnings([parts[0], cropped(np.arange(1))], cache)
    with pytest.raises(ZeroDivisionError):
        look.photo_warnings(parts)
    (file,) = cache.glob("warnings-*.json")
    file.write_text("[1]")
    with (
        pytest.warns(UserWarning, match="no list of lines"),
        pytest.raises(ZeroDivisionError),
    ):
        look.photo_warnings(parts, cache)


def test_fit_says_nothing_of_drawn_faces():
    settings = load_settings("split", settings=["data.source=synthetic"])
    splits = load_splits(settings.data, BadRows())
    assert warn_of_labels(settings.model, splits, verbose=0) == []


@pytest.mark.mtfl
@pytest.mark.slow
def test_mtfl(mtfl_root, capsys):
    from facemtl.training.preparation import (
        crop_splits,
        crop_test,
        fit_to_faces,
    )

    settings = _settings(mtfl_root)
    splits = load_splits(settings.data, BadRows())
    assert warn_of_labels(settings.model, splits, verbose=0) == []
    settings, tasks, _ = fit_to_faces(settings, splits)
    crops = crop_splits(splits, settings, tasks, BadRows(), verbose=0)
    tested = crop_test(splits.test, settings, tasks, BadRows())
    assert warn_of_photos(crops, tested, verbose=0) == []
    assert main(["check", str(mtfl_root)]) == 1
    out = capsys.readouterr().out
    # The box of the face beside; and women are more in the test photos.
    assert "testing.txt, row 993 (AFLW/2980-image21768.jpg)" in out
    assert "gender: 'male' in 58 %" in out
    assert "\n2 findings:\n" in out
