"""Runs on several sources: one table, the parts of a batch, the scores."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import load_config, load_settings
from facemtl.data.check.headers import photo_headers
from facemtl.data.check.seen import derived_mask
from facemtl.data.csv.writer import write_csv
from facemtl.data.faces import BadRows
from facemtl.data.joined import join_sources
from facemtl.data.sources import load_split, load_splits
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.photos.images import FolderImages
from facemtl.pipeline.order import Order, batch_counts
from facemtl.tasks import GENDER, MTFL_TASKS, SMILE, Task
from facemtl.training.runs import train
from facemtl.training.task_losses import class_weights
from tests.export_case import write_drawn as write_drawn_in
from tests.forked import run
from tests.mtfl_fixture import make_mtfl

SMALL = ("train.epochs=2", "train.batch_size=8", "model.width=0.25")


def gray_photos(folder: Path, level: int, tasks=(SMILE, GENDER), n: int = 30):
    """Write `n` gray photos of one level, and their CSV; return the CSV."""
    folder.mkdir(parents=True)
    faces = synthetic_faces(n, seed=level).only(tasks)
    for i in range(n):
        photo = np.full((50 + level // 10, 60, 3), level, np.uint8)
        cv2.imwrite(str(folder / f"{i}.png"), photo)
    names = np.array([f"{i}.png" for i in range(n)])
    boxes = np.tile([10.0, 10.0, 40.0, 40.0], (n, 1))
    faces = replace(
        faces, images=FolderImages(folder), names=names, boxes=boxes
    )
    write_csv(faces, folder / "faces.csv")
    return folder / "faces.csv"


def write_drawn(folder: Path, n: int, seed: int) -> Path:
    folder.mkdir()
    return write_drawn_in(folder, n, seed=seed)


def settings_of(source, more, **changes):
    data = load_settings().data
    more = {str(k): v for k, v in more.items()}
    return replace(data, source=str(source), more=more, cache="", **changes)


def test_each_photo_and_label_comes_from_its_own_source(tmp_path):
    first = gray_photos(tmp_path / "a", 50)
    second = gray_photos(tmp_path / "b", 200)
    splits = load_splits(settings_of(first, {second: 0.5}), BadRows())
    faces = splits.train
    assert len(set(faces.rows)) == len(set(faces.names)) == len(faces) == 54
    assert faces.sources.tolist() == [0] * 27 + [1] * 27
    for i in (0, 26, 27, 53):
        photo = faces.images.read(str(faces.names[i]))
        assert photo[0, 0, 0] == (50 if i < 27 else 200)
    assert faces.where(0).startswith("faces.csv, row ")
    assert faces.where(53).startswith(f"{second}, row ")
    alone = load_splits(settings_of(second, {}), BadRows()).train
    for task in ("smile", "gender"):
        np.testing.assert_array_equal(
            faces.labels[task][27:], alone.labels[task]
        )
    # Photos of the same name are read from their own folder's header, too.
    _, sizes = photo_headers(faces.images, faces.names)
    assert set(sizes[:27, 1]) == {55}
    assert set(sizes[27:, 1]) == {70}


def test_validation_and_test_faces_are_those_of_the_main_source(tmp_path):
    main = make_mtfl(tmp_path / "mtfl")
    more = gray_photos(tmp_path / "a", 50)
    alone = load_splits(settings_of(main, {}), BadRows())
    splits = load_splits(settings_of(main, {more: 0.0}), BadRows())
    for part in ("validation", "test"):
        before, after = getattr(alone, part), getattr(splits, part)
        assert after.names.tolist() == before.names.tolist()
    assert [task.name for task in splits.train.tasks] == [
        task.name for task in MTFL_TASKS
    ]
    # Labels that a source lacks are missing.
    points = splits.train.labels["landmarks"]
    known = np.isfinite(points).all(axis=(1, 2))
    np.testing.assert_array_equal(known, splits.train.sources == 0)
    assert list(splits.further) == [str(more)]
    assert len(splits.further[str(more)]) == 3
    assert len(splits.train) == len(alone.train) + 27


def test_a_further_source_may_bring_a_task(tmp_path):
    main = gray_photos(tmp_path / "a", 50, (SMILE,))
    more = gray_photos(tmp_path / "b", 90, (GENDER,))
    splits = load_splits(settings_of(main, {more: 0.5}), BadRows())
    assert [task.name for task in splits.train.tasks] == ["smile", "gender"]
    assert (splits.train.labels["gender"][:27] == -1).all()
    assert (splits.validation.labels["gender"] == -1).all()
    # The main source is evaluated with the settings of its run.
    data = settings_of(main, {more: 0.5})
    again = load_split(str(main), "val", MTFL_TASKS, BadRows(), data)
    assert again.names.tolist() == splits.validation.names.tolist()


def test_derived_boxes_of_a_further_source_are_known_as_such(tmp_path):
    """Their jitter depends on the photo's name in its own source."""
    files = [write_drawn(tmp_path / name, 20, seed=4) for name in "ab"]
    header, *rows = files[1].read_text().splitlines()
    bare = [",".join([x.split(",")[0], *x.split(",")[5:]]) for x in rows]
    names = ",".join([header.split(",")[0], *header.split(",")[5:]])
    files[1].write_text("\n".join([names, *bare, ""]))
    faces = load_splits(settings_of(files[0], {files[1]: 0.5}), BadRows()).train
    np.testing.assert_array_equal(derived_mask(faces), faces.sources == 1)


def test_drawn_faces_are_a_further_source(tmp_path):
    main = gray_photos(tmp_path / "a", 50)
    data = settings_of(main, {"synthetic": 0.5}, faces=40)
    assert len(load_splits(data, BadRows()).train) == 67
    with pytest.raises(InputError, match=r"data\.faces is only for synthetic"):
        load_splits(settings_of(main, {}, faces=40), BadRows())


def test_tasks_of_the_same_name_must_agree():
    other = Task("smile", "classes", ("none", "closed", "open"))
    labels = {"smile": other.no_labels(4)}
    faces = synthetic_faces(4).only((SMILE,))
    with pytest.raises(InputError) as error:
        join_sources(
            faces, {"b.csv": replace(faces, tasks=(other,), labels=labels)}
        )
    line = str(error.value)
    assert line.startswith("b.csv: task 'smile': expected ['yes', 'no']")
    assert "['none', 'closed', 'open']" in line


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"a.csv": 1.0}, "in all below 1"),
        ({"a.csv": -0.1}, "in all below 1"),
        ({"a.csv": 0.5, "b.csv": 0.5}, "in all below 1"),
        ({"synthetic": 0.5}, "Received: synthetic twice"),
        ({"missing.csv": 0.5}, "missing.csv"),
    ],
)
def test_wrong_sources_are_refused(more, words):
    with pytest.raises(InputError, match=words) as error:
        load_splits(settings_of("synthetic", more, faces=20), BadRows())
    assert "\n" not in str(error.value)


def joined_faces(*sizes: int):
    main, *others = (synthetic_faces(n).only((SMILE,)) for n in sizes)
    named = {f"{k}.csv": faces for k, faces in enumerate(others)}
    return join_sources(main, named)


def epochs_of(order: Order, n: int, seed: int = 3) -> np.ndarray:
    """Return the faces of `n` epochs: (n, steps, batch)."""
    numbers = [tf.constant(k, tf.int64) for k in range(n)]
    return np.stack([order.batches(k, seed) for k in numbers])


def test_a_batch_has_its_part_of_each_source():
    order = Order(joined_faces(24, 50, 10), [0.25, 0.125], 8)
    assert order.counts == (5, 2, 1)
    assert order.steps == 4
    taken = epochs_of(order, 20)
    assert taken.shape == (20, 4, 8)
    sources = np.repeat([0, 1, 2], [24, 50, 10])
    parts = sources[taken]
    for k, count in enumerate(order.counts):
        assert ((parts == k).sum(axis=2) == count).all()
    # The main source: each face at most once an epoch.
    for epoch in taken:
        main = epoch[sources[epoch] == 0]
        assert len(set(main)) == len(main) == 20


def test_a_face_of_a_further_source_comes_again_only_after_all_others():
    order = Order(joined_faces(24, 50, 10), [0.25, 0.125], 8)
    taken = epochs_of(order, 50)
    for first, n in ((24, 50), (74, 10)):
        some = taken[(taken >= first) & (taken < first + n)]
        passes = some[: len(some) // n * n].reshape(-1, n)
        assert len(passes) > 5
        assert (np.sort(passes) == np.arange(first, first + n)).all()
        # Each pass in another order.
        assert len({tuple(one) for one in passes}) == len(passes)


def test_the_order_is_that_of_the_seed_and_the_epoch():
    faces = joined_faces(24, 50)
    taken = epochs_of(Order(faces, [0.5], 8), 3)
    again = Order(faces, [0.5], 8).batches(tf.constant(2, tf.int64), 3)
    np.testing.assert_array_equal(taken[2], again)
    assert (epochs_of(Order(faces, [0.5], 8), 3, seed=4) != taken).any()


@pytest.mark.parametrize(
    ("sizes", "shares", "size", "counts"),
    [
        ([90], [], 32, (32,)),
        ([90, 30], [0.25], 32, (24, 8)),
        ([90, 270], [0], 32, (8, 24)),
        # The half that is left is divided by the number of faces.
        ([100, 10, 300], [0.5, 0], 32, (4, 16, 12)),
        # Every source has a face in each batch.
        ([9000, 5], [0.001], 32, (31, 1)),
        ([10, 9000], [0], 32, (1, 31)),
    ],
)
def test_the_parts_of_a_batch(sizes, shares, size, counts):
    assert batch_counts(sizes, shares, size) == counts
    assert sum(counts) == size


def test_a_batch_is_not_smaller_than_the_number_of_sources():
    with pytest.raises(InputError, match=r"train\.batch_size of 3 or more"):
        batch_counts([90, 30, 30], [0, 0], 2)


def test_class_weights_count_a_face_as_often_as_it_is_taken():
    faces = joined_faces(8, 40)
    order = Order(faces, [0.75], 8)
    often = order.often()
    assert often.mean() == pytest.approx(1)
    # In an epoch of 4 steps: 2 of 8 main faces and 6 of 40 others a step.
    np.testing.assert_allclose(often[0] / often[-1], (2 / 8) / (6 / 40))
    smile = faces.labels["smile"]
    repeated = np.repeat(smile, np.where(faces.sources == 0, 5, 3))
    np.testing.assert_allclose(
        class_weights(smile, 2, 0.5, often),
        class_weights(repeated, 2, 0.5),
    )
    assert Order(synthetic_faces(8), [], 4).often() is None


def test_a_source_without_usable_faces_is_an_error():
    faces = joined_faces(8, 4)
    with pytest.raises(InputError, match="training faces of each source"):
        Order(faces.select(faces.sources == 0), [0.5], 4)


@pytest.mark.slow
def test_a_run_learns_from_both_and_resumes_after_they_moved(tmp_path):
    main = write_drawn(tmp_path / "main", 40, seed=3)
    more = write_drawn(tmp_path / "more", 40, seed=4)
    settings = [f"data.source={main}", f'data.more={{"{more}" = 0.25}}']
    config = load_config("split", settings=[*settings, *SMALL])
    report = train(config, tmp_path / "run", verbose=0)
    name = f"{more}, validation"  # Both are called faces.csv.
    assert list(report["scores"]) == [name, "validation"]
    assert report["scores"][name]["n"] == 4
    assert report["more"] == {str(more): 0.25}
    (tmp_path / "more").rename(tmp_path / "moved")
    moved = {"moved/".join(str(more).split("more/")): 0.25}
    config["data"]["more"] = moved
    assert train(config, tmp_path / "run", resume=True, verbose=0) == report
    config["data"]["more"] = dict.fromkeys(moved, 0.5)
    with pytest.raises(InputError, match=r"other settings of data\.more"):
        train(config, tmp_path / "run", resume=True, verbose=0)


@pytest.mark.slow
def test_fit_takes_further_sources(tmp_path):
    more = write_drawn(tmp_path / "a=b", 40, seed=4)
    words = ["--data", "synthetic", "--more", f"{more}=0.25", "--out", "run"]
    small = [x for one in (*SMALL, "data.faces=40") for x in ("--set", one)]
    fit = [sys.executable, "-m", "facemtl.fit", *words, *small]
    done = run(fit, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"and {more}" in done.stdout
    assert f"{more.name}, validation, one pass:" in done.stdout
    report = json.loads((tmp_path / "run/report.json").read_text())
    assert report["more"] == {str(more): 0.25}
    refused = run([*fit[:-2], "--more", "run", "--out", "run"], cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: ")
    assert refused.stderr.count("\n") == 1
