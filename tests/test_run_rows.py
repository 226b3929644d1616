"""A run knows its rows: others are refused, moved ones are not."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from facemtl.config import load_config
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.training import run_rows
from facemtl.training.run_rows import keep_rows
from facemtl.training.runs import train
from tests.export_case import write_drawn

SETTINGS = ["train.epochs=2", "train.batch_size=8", "model.width=0.25"]


def drawn(folder):
    """40 drawn faces as photos and a CSV."""
    folder.mkdir()
    return write_drawn(folder, 40, seed=3)


def config(file, *more):
    return load_config(
        "split", settings=[f"data.source={file}", *SETTINGS, *more]
    )


class Killed(Exception):
    """Stands for the end of a process between two epochs."""


def cut_off(monkeypatch, *args):
    """Train until the first epoch is kept, and no further."""
    from facemtl.training.callbacks import RunState

    def end(self, epoch, logs=None):
        kept(self, epoch, logs)
        raise Killed

    kept = RunState.on_epoch_end
    with monkeypatch.context() as patch:
        patch.setattr(RunState, "on_epoch_end", end)
        with pytest.raises(Killed):
            train(*args, verbose=0)


def drop_rows(file, keep):
    rows = file.read_text().splitlines(keepends=True)
    file.write_text("".join(rows[: keep + 1]))


@pytest.mark.slow
@pytest.mark.parametrize("finished", [False, True])
def test_rows_removed_before_a_resume_are_refused(
    finished, tmp_path, monkeypatch
):
    file = drawn(tmp_path / "data")
    folder = tmp_path / "run"
    if finished:
        train(config(file), folder, verbose=0)
    else:
        cut_off(monkeypatch, config(file), folder)
    drop_rows(file, 25)
    with pytest.raises(InputError) as error:
        train(config(file), folder, resume=True, verbose=0)
    assert str(error.value) == (
        f"{folder} holds a run on other rows: training had 36 faces, and has "
        "23 faces now. Restore the labels and photos, or give another folder "
        "(--out on the command line)."
    )


@pytest.mark.slow
def test_a_changed_label_and_a_lost_photo_are_refused(tmp_path, monkeypatch):
    file = drawn(tmp_path / "data")
    folder = tmp_path / "run"
    cut_off(monkeypatch, config(file), folder)
    text = file.read_text()
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    rows[3]["x1"] = str(float(rows[3]["x1"]) + 1)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(InputError, match="has 4 faces now that differ"):
        train(config(file), folder, resume=True, verbose=0)
    file.write_text(text)
    (file.parent / rows[3]["file"]).unlink()
    with pytest.raises(InputError, match="validation had 4 faces, and has 3"):
        train(config(file), folder, True, skip_bad=True, verbose=0)


@pytest.mark.slow
def test_moved_rows_resume_to_the_run_that_was_not_cut_off(
    tmp_path, monkeypatch
):
    file = drawn(tmp_path / "data")
    whole = train(config(file), tmp_path / "whole", verbose=0)
    cut_off(monkeypatch, config(file), tmp_path / "run")
    moved = tmp_path / "elsewhere"
    shutil.move(file.parent, moved)
    resumed = train(
        config(moved / file.name), tmp_path / "run", resume=True, verbose=0
    )
    assert resumed["epochs"] == whole["epochs"] == 2
    assert resumed["scores"] == whole["scores"]
    assert resumed["source"] == str(moved / file.name)


def shifted(faces, pixels):
    points = faces.labels["landmarks"] + pixels
    labels = {**faces.labels, "landmarks": points}
    return replace(faces, boxes=faces.boxes + pixels, labels=labels)


def test_the_last_bits_of_labels_are_not_other_rows(tmp_path):
    faces = synthetic_faces(12, seed=1)
    keep_rows(tmp_path, "labels", {"training": faces, "test": None})
    same = {"training": shifted(faces, 1e-9), "test": None}
    keep_rows(tmp_path, "labels", same)
    with pytest.raises(InputError, match="has 12 faces now that differ"):
        keep_rows(tmp_path, "labels", {"training": shifted(faces, 0.01)})


def test_rows_of_an_earlier_version(tmp_path):
    """It kept a hash of all bits; those of synthetic faces are not compared."""
    drawn = synthetic_faces(12, seed=1)
    own = replace(drawn, names=np.array([f"{i}.png" for i in range(12)]))
    bits = run_rows._hash(own, lambda values: values)
    for name, hashed in (("drawn", "another machine's"), ("own", bits)):
        rows = {"labels": {"training": {"faces": 12, "hash": hashed}}}
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.json").write_text(json.dumps(rows))
    keep_rows(tmp_path / "drawn", "labels", {"training": drawn})
    with pytest.raises(InputError, match="had 12 faces, and has 5 faces"):
        few = {"training": drawn.select(np.arange(5))}
        keep_rows(tmp_path / "drawn", "labels", few)
    keep_rows(tmp_path / "own", "labels", {"training": own})
    with pytest.raises(InputError, match="has 12 faces now that differ"):
        keep_rows(tmp_path / "own", "labels", {"training": shifted(own, 1e-9)})


@pytest.mark.slow
def test_a_report_lists_skipped_rows_and_class_shares(tmp_path):
    file = drawn(tmp_path / "data")
    with file.open() as lines:
        lost = [row["file"] for row in csv.DictReader(lines)][4]
    (file.parent / lost).unlink()
    report = train(config(file), tmp_path / "run", skip_bad=True, verbose=0)
    assert report["skipped"] == {"missing image": 1}
    with (tmp_path / "run/skipped.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 1
    assert rows[0]["where"] == f"{file.name}, row 6 ({lost})"
    assert rows[0]["reason"] == "missing image"
    shares = report["class_shares"]
    for part in ("training", "validation"):
        total = sum(shares[part]["smile"].values())
        np.testing.assert_allclose(total, 100, atol=0.02)
    kept = json.loads((tmp_path / "run/rows.json").read_text())
    counts = [kept["crops"][part]["faces"] for part in kept["crops"]]
    assert sum(counts) == 39
