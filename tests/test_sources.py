"""From the words of --data to splits, and the table that holds them."""

from dataclasses import replace

import numpy as np
import pytest

from facemtl.config import load_settings
from facemtl.data.csv.writer import write_csv
from facemtl.data.faces import BadRows
from facemtl.data.one_source import find_source
from facemtl.data.sources import load_split, load_splits
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.evaluation.faces import evaluate_faces
from facemtl.models import FaceNetwork
from facemtl.tasks import LANDMARKS, MTFL_TASKS, POSE, Task


def data(**changes):
    return replace(load_settings().data, **changes)


def test_without_a_source_data_mtfl_is_taken_if_it_is_there(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert find_source() == "synthetic"
    (tmp_path / "data/MTFL").mkdir(parents=True)
    assert find_source() == "data/MTFL"
    assert find_source("my.csv") == "my.csv"


def test_drawn_splits_share_no_face():
    splits = load_splits(data(source="synthetic", faces=50), BadRows())
    assert [len(splits.train), len(splits.validation)] == [50, 5]
    assert len(splits.test) == 50
    names = [*splits.train.names, *splits.validation.names, *splits.test.names]
    assert len(set(names)) == 105


def test_a_share_of_the_training_faces_leaves_validation_as_it_is():
    source = {"source": "synthetic", "faces": 50}
    whole = load_splits(data(**source), BadRows())
    part = load_splits(data(**source, train_share=0.3), BadRows())
    assert len(part.train) == 15
    assert set(part.train.names) < set(whole.train.names)
    np.testing.assert_array_equal(part.validation.names, whole.validation.names)
    with pytest.raises(InputError, match=r"train_share in \(0, 1\]"):
        load_splits(data(**source, train_share=0.0), BadRows())


def test_labels_can_be_hidden_from_a_share_of_the_training_faces():
    source = {"source": "synthetic", "faces": 50}
    whole = load_splits(data(**source), BadRows())
    hidden = data(**source, train_share=0.8, labelled={"landmarks": 0.25})
    part = load_splits(hidden, BadRows())
    known = LANDMARKS.is_labelled(part.train.labels["landmarks"])
    assert (len(known), known.sum()) == (40, 10)
    # They are the faces that a smaller share would be.
    few = load_splits(data(**source, train_share=0.2), BadRows())
    np.testing.assert_array_equal(part.train.names[known], few.train.names)
    np.testing.assert_array_equal(
        part.train.labels["landmarks"][known], few.train.labels["landmarks"]
    )
    assert (part.train.labels["smile"] >= 0).all()
    for split in ("validation", "test"):
        np.testing.assert_array_equal(
            getattr(part, split).labels["landmarks"],
            getattr(whole, split).labels["landmarks"],
        )


@pytest.mark.parametrize(
    "labelled", [{"beard": 0.5}, {"smile": 0.0}, {"smile": "x"}]
)
def test_hidden_labels_are_shares_of_known_tasks(labelled):
    with pytest.raises(
        InputError, match=r"data.labelled as shares in \(0, 1\]"
    ):
        load_splits(
            data(source="synthetic", faces=50, labelled=labelled), BadRows()
        )


@pytest.fixture
def csv(tmp_path):
    """Sixty faces, whose photos nobody reads."""
    file = tmp_path / "faces.csv"
    write_csv(synthetic_faces(60, seed=1), file)
    return file


def with_splits(csv, splits):
    """The CSV with a column `split`."""
    header, *rows = csv.read_text().splitlines()
    pairs = zip(rows, splits, strict=True)
    lines = [f"{header},split", *(f"{row},{part}" for row, part in pairs)]
    csv.write_text("\n".join(lines))


def test_a_csv_is_split_the_same_by_fit_and_evaluate(csv):
    splits = load_splits(data(source=str(csv)), BadRows())
    assert [len(splits.train), len(splits.validation)] == [54, 6]
    assert splits.test is None
    for name, faces in (("train", splits.train), ("val", splits.validation)):
        again = load_split(str(csv), name, MTFL_TASKS, BadRows())
        np.testing.assert_array_equal(again.names, faces.names)
    assert len(load_split(str(csv), "test", MTFL_TASKS, BadRows())) == 60


def test_a_csv_may_name_its_own_splits(csv):
    with_splits(csv, ["train"] * 40 + ["val"] * 15 + ["test"] * 5)
    splits = load_splits(data(source=str(csv)), BadRows())
    sizes = [len(splits.train), len(splits.validation), len(splits.test)]
    assert sizes == [40, 15, 5]
    assert len(load_split(str(csv), "test", MTFL_TASKS, BadRows())) == 5


def test_a_csv_with_splits_needs_training_rows(csv):
    with_splits(csv, ["test"] * 60)
    with pytest.raises(InputError, match=r"= train\. Received: 60 rows test"):
        load_splits(data(source=str(csv)), BadRows())


def test_faces_keep_the_asked_tasks():
    faces = synthetic_faces(4)
    assert [t.name for t in faces.only((POSE,)).tasks] == ["pose"]
    both = faces.including((LANDMARKS,))
    assert both.tasks[0] == LANDMARKS
    assert len(both.tasks) == 5
    own = Task("beard", "classes", ("no", "yes"))
    labels = faces.only((own,)).labels["beard"]
    np.testing.assert_array_equal(labels, [-1] * 4)


def test_a_task_of_other_classes_is_refused():
    other = Task("pose", "classes", ("left", "right"), (1, 0))
    with pytest.raises(InputError, match=r"Task 'pose': expected \['left'"):
        synthetic_faces(2).only((other,))


def test_bad_rows_stop_or_are_counted():
    line = "a.csv, row 3: missing image: a.jpg"
    with pytest.raises(InputError, match=f"^{line}. Correct the row, or skip"):
        BadRows().report("a.csv, row 3", "missing image", "a.jpg")
    bad = BadRows(skip=True)
    assert bad.summary() == ""
    for row in (3, 4):
        bad.report(f"a.csv, row {row}", "missing image", "a.jpg")
    bad.report("a.csv, row 5", "inverted box", "left 2, right 1")
    assert bad.summary() == (
        "3 invalid rows skipped: 2 missing image, 1 inverted box"
    )
    assert bad.first["missing image"] == line


def test_faces_with_a_rare_label_can_be_repeated():
    source = {"source": "synthetic", "faces": 40, "labelled": {"smile": 0.1}}
    once = load_splits(data(**source), BadRows()).train
    more = load_splits(data(**source, repeat={"smile": 9}), BadRows()).train
    known = once.labels["smile"] >= 0
    assert known.sum() == 4
    assert len(more) == 36 + 4 * 9
    names, times = np.unique(more.names, return_counts=True)
    assert dict(zip(names, times, strict=True)) == {
        name: 9 if k else 1 for name, k in zip(once.names, known, strict=True)
    }
    # With all faces labelled, nothing but the epoch's length changes.
    every = load_splits(
        data(source="synthetic", faces=40, repeat={"landmarks": 2}), BadRows()
    )
    assert len(every.train) == 80
    assert len(every.validation) == 4


@pytest.mark.parametrize("repeat", [{"smle": 2}, {"smile": 0}, {"smile": 1.5}])
def test_repeats_are_whole_numbers_of_known_tasks(repeat):
    wrong = data(source="synthetic", faces=40, repeat=repeat)
    with pytest.raises(InputError, match=r"data.repeat as whole numbers"):
        load_splits(wrong, BadRows())


def test_points_of_a_csv_are_those_of_the_network(tmp_path):
    points = Task("punkte", "landmarks", ("a", "b", "c"))
    path = tmp_path / "faces.csv"
    path.write_text("file,x1,x2,x3,y1,y2,y3,smile\na.jpg,1,9,5,2,3,8,yes\n")
    for split in ("test", "val"):
        if split == "val":
            path.write_text(f"{path.read_text()}b.jpg,1,9,5,2,3,8,no\n")
        faces = load_split(str(path), split, [points], BadRows())
        assert faces.labels["punkte"][0].tolist() == [[1, 2], [9, 3], [5, 8]]
        assert len(faces.labels["smile"]) == len(faces)


def test_faces_without_a_label_of_the_network_are_not_scored():
    network = FaceNetwork([Task("age", "value")], width=0.25)
    faces = synthetic_faces(2)
    with pytest.raises(InputError) as error:
        evaluate_faces(network, faces, verbose=0)
    assert str(error.value) == (
        "Expected labels of a task of the network: age. Received: labels of "
        "landmarks, smile, gender, glasses, pose. Use the same task "
        "names in the columns or their tasks.toml."
    )
    with pytest.raises(InputError, match="Received: labels of none"):
        evaluate_faces(network, faces.only(network.tasks), verbose=0)
