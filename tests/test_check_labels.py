"""`facemtl data check` about classes, values and photos that are in twice."""

from dataclasses import replace

import numpy as np
import pytest

from facemtl.data.boxes import derived_boxes
from facemtl.data.check.classes import class_findings
from facemtl.data.check.duplicates import (
    contradictions,
    near_duplicates,
    shared_photos,
)
from facemtl.data.check.look import all_findings
from facemtl.data.check.pairs import near_pairs
from facemtl.data.check.seen import seen_splits
from facemtl.data.check.values import value_findings
from facemtl.data.one_source import Splits
from facemtl.tasks import Task
from tests.check_case import clean, relabelled, texts, with_value


def test_nothing_is_said_of_clean_labels():
    seen = clean(300, test=100)
    assert class_findings(seen) == []
    assert value_findings(seen) == []
    assert shared_photos(seen) == []


def test_a_class_that_nearly_all_faces_have():
    seen = clean(600)
    smile = np.zeros(600, int)
    smile[[30, 40, 50, 60]] = 1
    (finding,) = class_findings(relabelled(seen, smile=smile))
    assert finding.text.startswith(
        "smile is nearly constant: 'yes' in 596 of 600 training faces."
    )
    assert list(finding.faces) == [30, 40, 50, 60]


def test_a_rare_class_is_not_constant():
    seen = clean(600)
    smile = np.zeros(600, int)
    smile[:12] = 1
    assert class_findings(relabelled(seen, smile=smile)) == []


def test_classes_that_a_split_lacks():
    seen = clean(300, test=100)
    gender = np.tile([0, 1], 150)
    gender[200:] = 0
    text = texts(class_findings(relabelled(seen, gender=gender)))
    assert "No face in test of gender 'female' (100 in train)" in text
    gender[:200], gender[200:] = 0, np.tile([0, 1], 50)
    text = texts(class_findings(relabelled(seen, gender=gender)))
    assert "No face in train of gender 'female' (50 in test)" in text
    assert "cannot be learned" in text


def test_a_few_test_faces_may_lack_a_class():
    seen = clean(60, test=3)
    gender = np.tile([0, 1], 30)
    gender[57:] = 0
    assert class_findings(relabelled(seen, gender=gender)) == []


def test_tasks_without_labels_and_unused_classes():
    seen = clean(100)
    pose = np.minimum(seen.faces.labels["pose"], 3)
    seen = relabelled(seen, smile=np.full(100, -1), pose=pose)
    text = texts(class_findings(seen))
    assert "No training face has a label of smile: it is not learned." in text
    assert "No face at all has pose 'right profile'" in text


def test_shares_that_differ_between_the_splits():
    seen = clean(400, test=200)
    smile = np.repeat([0, 1, 0, 1], [150, 50, 50, 150])
    text = texts(class_findings(relabelled(seen, smile=smile)))
    assert "smile: 'yes' in 75 % of the faces in train and 25 % in test" in text


def test_a_value_far_from_the_others():
    ages = np.random.default_rng(0).uniform(0, 80, 60)
    ages[21], ages[5] = 1975, np.nan
    (finding,) = value_findings(with_value(ages, Task("age", "value")))
    assert finding.text.startswith(
        "age: far from the others in 1 of 59 faces (drawn faces, row 22 "
        "(drawn/0/21)): 1975, where most lie between "
    )


def test_a_value_that_hardly_varies():
    ages = np.full(60, 30.0)
    (finding,) = value_findings(with_value(ages, Task("age", "value")))
    assert "age is nearly constant: 30 in 60 of 60 training faces" in (
        finding.text
    )


@pytest.mark.parametrize(
    ("name", "mirror", "said"),
    [("yaw", (1,), True), ("yaw", (-1,), False), ("score", (1,), False)],
    ids=["yaw", "negated yaw", "score"],
)
def test_an_angle_without_a_mirror_rule(name, mirror, said):
    angles = np.linspace(-30, 30, 60)
    seen = with_value(angles, Task(name, "value", (), mirror))
    assert ("negate" in texts(all_findings(seen, _pictures(seen), 40))) == said


def _pictures(seen):
    """(N, 24, 24) of noise, each its own; the last is the first, mirrored."""
    noise = np.random.default_rng(0).integers(0, 256, (len(seen), 6, 6))
    images = np.kron(noise, np.ones((1, 4, 4))).astype(np.uint8)
    images[-1] = images[0, :, ::-1]
    return images


def test_nearly_the_same_photo_in_two_splits():
    seen = clean(60, test=10)
    images = _pictures(seen)
    (finding,) = near_duplicates(seen, images)
    assert finding.text.startswith(
        "1 pair of nearly the same face in different splits: drawn faces, "
        "row 1 (train) and drawn faces, row 60 (test)."
    )
    assert list(finding.faces) == [0, 59]
    assert near_duplicates(clean(60), images) == []


def test_a_photo_under_one_name_is_told_once():
    seen = clean(60, test=10)
    names = seen.faces.names.copy()
    names[[58, 59]] = names[0]
    seen = replace(seen, faces=replace(seen.faces, names=names))
    (finding,) = shared_photos(seen)
    assert finding.text.startswith(
        "1 photo of 58 has rows in more than one split: drawn faces, row 1 "
        "(train) and drawn faces, row 59 (test);"
    )
    assert near_duplicates(seen, _pictures(seen)) == []


def test_pairs_survive_noise_and_light_but_not_another_face():
    rng = np.random.default_rng(0)
    images = np.kron(rng.integers(40, 200, (3, 6, 6)), np.ones((1, 4, 4)))
    images[1] = 0.8 * images[0] + rng.normal(0, 3, (24, 24)) + 20
    pairs = near_pairs(images.astype(np.uint8))
    assert (pairs.one.tolist(), pairs.other.tolist()) == ([0], [1])
    assert not pairs.mirrored.any()


def test_flat_pictures_are_like_nothing():
    flat = np.full((5, 24, 24), 90, np.uint8)
    assert len(near_pairs(flat).one) == 0


def test_the_same_face_with_two_labels():
    seen = clean(60)
    images = _pictures(seen)
    labels = {name: x.copy() for name, x in seen.faces.labels.items()}
    labels["smile"][[0, 59]] = 0, 1
    labels["gender"][[0, 59]] = 1, 1
    labels["glasses"][[0, 59]] = 0, -1  # not labelled
    labels["pose"][[0, 59]] = 0, 4  # as mirrored
    seen = relabelled(seen, **labels)
    (finding,) = contradictions(seen, near_pairs(images))
    assert finding.text.startswith(
        "smile: 1 pair of nearly the same training face with different "
        "labels: drawn faces, row 1 (train) and drawn faces, row 60 (train)."
    )


def test_the_same_face_with_other_points():
    seen = clean(60)
    images = _pictures(seen)
    images[1] = images[2]
    points, boxes = seen.points.copy(), seen.faces.boxes.copy()
    boxes[1], points[1] = boxes[2], points[2] + 2
    labels = {
        t.name: seen.faces.labels[t.name].copy() for t in seen.faces.tasks
    }
    for name in ("smile", "gender", "glasses", "pose"):
        labels[name][:] = 2 if name == "pose" else 0

    def found():
        changed = replace(seen, faces=replace(seen.faces, boxes=boxes))
        changed = relabelled(changed, **{**labels, "landmarks": points})
        return texts(contradictions(changed, near_pairs(images)))

    assert found() == ""
    points[1] += 20
    assert "landmarks: 1 pair of nearly the same training face" in found()


def test_all_splits_in_one_table_each_row_once():
    faces = clean(30).faces
    boxes = derived_boxes(faces.labels["landmarks"], faces.names)
    faces = replace(
        faces, boxes=np.where(np.arange(30)[:, None] < 20, faces.boxes, boxes)
    )
    train = faces.select(np.array([0, 0, 1, 2, 2, 2]))  # data.repeat
    seen = seen_splits(
        Splits(
            train,
            faces.select(np.arange(3, 5)),
            faces.select(np.arange(18, 22)),
        )
    )
    assert seen.splits.tolist() == ["train"] * 3 + ["val"] * 2 + ["test"] * 4
    assert seen.derived.tolist() == [False] * 7 + [True] * 2


def test_boxes_derived_from_the_points_that_a_face_has():
    faces = clean(2).faces
    points = faces.labels["landmarks"].copy()
    points[0, 2] = np.nan
    own = derived_boxes(np.delete(points[:1], 2, axis=1), faces.names[:1])
    faces = replace(
        faces,
        boxes=np.concatenate([own, faces.boxes[1:]]),
        labels={**faces.labels, "landmarks": points},
    )
    seen = seen_splits(Splits(faces, faces.select(np.array([1])), None))
    assert seen.derived.tolist() == [True, False, False]
