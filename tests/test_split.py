"""The validation split: exact, stratified, the same everywhere."""

import numpy as np
import pytest

from facemtl.data.faces import Faces
from facemtl.data.proportions import proportional_mask
from facemtl.data.split import class_shares, split_faces, validation_mask
from facemtl.errors import InputError
from facemtl.photos.images import FolderImages
from facemtl.tasks import GLASSES, LANDMARKS, POSE, SMILE, Task

NAMES = np.array([f"photos/{i}.jpg" for i in range(500)])
STRATA = np.random.default_rng(1).choice(
    [0, 1, 2], size=(500, 2), p=[0.7, 0.25, 0.05]
)


def table(tasks: tuple[Task, ...], labels: dict[str, np.ndarray]) -> Faces:
    n = len(next(iter(labels.values())))
    rows = np.array([f"faces.csv, row {i + 2}" for i in range(n)])
    boxes = np.tile([0.0, 0.0, 9.0, 9.0], (n, 1))
    images = FolderImages("photos")
    return Faces(tasks, images, NAMES[:n], rows, boxes, labels)


@pytest.mark.parametrize("n", [0, 1, 99, 100, 250])
def test_exact_and_in_proportion(n):
    mask = validation_mask(NAMES, STRATA, n)
    assert mask.dtype == bool
    assert mask.sum() == n
    for key in np.unique(STRATA, axis=0):
        stratum = (key == STRATA).all(axis=1)
        quota = n * stratum.sum() / len(NAMES)
        assert abs(mask[stratum].sum() - quota) < 1


def test_known_answer():
    strata = np.repeat([[0], [1]], [12, 4], axis=0)
    mask = validation_mask(NAMES[:16], strata, n=4)
    assert np.flatnonzero(mask).tolist() == [2, 3, 5, 12]


def test_order_of_rows_does_not_matter():
    order = np.random.default_rng(2).permutation(len(NAMES))
    mask = validation_mask(NAMES, STRATA, 100)
    shuffled = validation_mask(NAMES[order], STRATA[order], 100)
    np.testing.assert_array_equal(shuffled, mask[order])


def test_a_dropped_row_moves_almost_nothing():
    mask = validation_mask(NAMES, STRATA, 100)
    for dropped in range(0, 500, 25):
        keep = np.arange(500) != dropped
        fewer = validation_mask(NAMES[keep], STRATA[keep], 100)
        assert (fewer != mask[keep]).sum() <= 3


def test_another_seed_chooses_others():
    first = validation_mask(NAMES, STRATA, 100, seed=0)
    second = validation_mask(NAMES, STRATA, 100, seed=1)
    assert (first & second).sum() < 50


def test_too_many():
    with pytest.raises(InputError) as error:
        validation_mask(NAMES, STRATA, 251)
    assert str(error.value) == (
        "Expected at most 250 validation faces, half of all. Received: 251."
    )


def test_unlabelled_is_its_own_stratum():
    pose = np.repeat(np.array([-1, 2, 4], np.int32), [100, 300, 100])
    smile = np.arange(500, dtype=np.int32) % 2
    faces = table((POSE, SMILE), {"pose": pose, "smile": smile})
    training, validation = split_faces(faces, n=50)
    assert len(training) == 450
    counts = {
        p: int((validation.labels["pose"] == p).sum()) for p in (-1, 2, 4)
    }
    assert counts == {-1: 10, 2: 30, 4: 10}
    names = [name for name in faces.names if name in set(validation.names)]
    assert validation.names.tolist() == names


def test_own_class_tasks_and_none():
    mood = Task("mood", "classes", ("calm", "cross"))
    labels = np.repeat(np.array([0, 1], np.int32), [80, 20])
    _, validation = split_faces(table((mood,), {"mood": labels}), n=10)
    assert np.bincount(validation.labels["mood"]).tolist() == [8, 2]
    points = LANDMARKS.no_labels(100)
    _, validation = split_faces(table((LANDMARKS,), {"landmarks": points}), 10)
    assert len(validation) == 10


@pytest.mark.parametrize(("n", "chosen"), [(500, 50), (10, 1), (3, 1), (2, 1)])
def test_small_sets_give_a_tenth(n, chosen):
    faces = table((GLASSES,), {"glasses": np.zeros(n, np.int32)})
    training, validation = split_faces(faces)
    assert (len(training), len(validation)) == (n - chosen, chosen)


def test_one_face_cannot_be_split():
    with pytest.raises(InputError, match="Expected at least 2 faces"):
        split_faces(table((GLASSES,), {"glasses": np.zeros(1, np.int32)}))


def many_tasks(n: int, tasks: int, seed: int = 0) -> Faces:
    """Faces with many two-class tasks, each of its own frequency."""
    rng = np.random.default_rng(seed)
    shares = rng.uniform(0.05, 0.6, tasks)
    shares[:3] = 0.54
    has = rng.random((n, tasks)) < shares
    names = [f"a{i:02}" for i in range(tasks)]
    return table(
        tuple(Task(name, "classes", ("no", "yes")) for name in names),
        {name: has[:, i].astype(np.int32) for i, name in enumerate(names)},
    )


@pytest.mark.parametrize("tasks", [20, 40])
def test_many_tasks_keep_the_share_of_every_class(tasks):
    training, validation = split_faces(many_tasks(500, tasks), n=50)
    assert (len(training), len(validation)) == (450, 50)
    for task in training.tasks:
        shares = [
            100 * (part.labels[task.name] == 1).mean()
            for part in (training, validation)
        ]
        # One face of 50 is 2 %.
        assert abs(shares[0] - shares[1]) < 6, (task.name, shares)


def test_a_few_faces_with_many_tasks_hold_the_frequent_classes():
    _, validation = split_faces(many_tasks(60, 40), n=10)
    for task in ("a00", "a01", "a02"):  # 54 % of all faces
        assert 0 < validation.labels[task].mean() < 1


def test_many_tasks_are_split_alike_in_any_order():
    faces = many_tasks(300, 20)
    order = np.random.default_rng(3).permutation(len(faces))
    _, first = split_faces(faces, n=30)
    _, second = split_faces(faces.select(order), n=30)
    assert set(first.names) == set(second.names)


def test_ties_favour_no_class():
    """Three strata of five, five faces to choose: two of them get a second."""
    strata = np.repeat([[0], [1], [2]], 5, axis=0)
    firsts = {
        int(validation_mask(NAMES[:15], strata, 4, seed)[:5].sum())
        for seed in range(20)
    }
    assert firsts == {1, 2}


def test_rarely_labelled_points_are_in_both_parts():
    points = np.full((200, 5, 2), np.nan)
    points[::10] = 3.0
    mood = Task("mood", "classes", ("calm", "cross"))
    labels = {"landmarks": points, "mood": np.zeros(200, np.int32)}
    training, validation = split_faces(table((LANDMARKS, mood), labels), n=20)
    known = LANDMARKS.is_labelled(validation.labels["landmarks"])
    assert (len(training), known.sum()) == (180, 2)


def test_proportional_mask_is_exact_and_rare_labels_count():
    labels = np.zeros((100, 2), bool)
    labels[:10, 0] = labels[50:, 1] = True
    mask = proportional_mask(labels, 10)
    assert mask.sum() == 10
    assert labels[mask].sum(axis=0).tolist() == [1, 5]


def test_class_shares_in_percent_of_the_labelled():
    smile = np.array([0, 0, 0, 1, -1], np.int32)
    pose = np.full(5, -1, np.int32)
    shares = class_shares(table((SMILE, POSE), {"smile": smile, "pose": pose}))
    assert shares == {"smile": {"yes": 75.0, "no": 25.0}}
