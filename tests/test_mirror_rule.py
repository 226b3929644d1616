"""Mirror rules that contradict names or labels, and those that do not."""

from dataclasses import replace

import numpy as np
import pytest

from facemtl.config import load_settings
from facemtl.data.csv.reader import read_csv
from facemtl.data.mirror_rule import fit_mirror, mirror_faults
from facemtl.data.mtfl.reader import read_mtfl
from facemtl.data.recipe import fit_recipe
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.models import FaceNetwork
from facemtl.tasks import (
    LANDMARKS,
    MTFL_TASKS,
    POSE,
    SMILE,
    Task,
    load_layout,
)

FACES = synthetic_faces(80, seed=2)
RULE = LANDMARKS.mirror
POINTS_68, POINTS_98 = load_layout("points68"), load_layout("points98")
LETTERS = tuple("abcde")


def points(names=LETTERS, mirror=()):
    return Task("landmarks", "landmarks", names, mirror)


def faults(task, faces=FACES, labels=None):
    """What is said of one task, its labels being the landmarks'."""
    own = faces.labels["landmarks"] if labels is None else labels
    some = replace(faces, tasks=(task,), labels={task.name: own})
    return mirror_faults(some, (task,))


def classes(names, mirror=()):
    task = Task("gaze", "classes", names, mirror)
    return faults(task, labels=np.zeros(len(FACES), np.int32))


def test_drawn_faces_have_rules_that_fit():
    assert mirror_faults(FACES, MTFL_TASKS) == []
    assert faults(points(LETTERS, RULE)) == []


@pytest.mark.parametrize(
    "names",
    [
        ("left eye", "right eye", "nose", "left mouth", "right mouth"),
        ("l_eye", "r_eye", "nose", "l_mouth", "r_mouth"),
        ("eye_l", "eye_r", "nose", "mouth_l", "mouth_r"),
        ("LeftEye", "RightEye", "Nose", "LeftMouth", "RightMouth"),
        ("eye.L", "eye.R", "nose", "mouth.L", "mouth.R"),
        ("leye", "reye", "nose", "lmouth", "rmouth"),
        ("linkes Auge", "rechtes Auge", "Nase", "Mund links", "Mund rechts"),
        ("œil gauche", "œil droit", "nez", "bouche gauche", "bouche droite"),
        ("左目", "右目", "鼻", "口左", "口右"),
    ],
    ids=lambda names: names[0],
)
def test_names_without_a_rule(names):
    (line,) = faults(points(names))
    a, b, _, d, e = names
    assert f"does not fit {a} and {b}, {d} and {e}" in line
    assert line.endswith(f'mirror = [["{a}", "{b}"], ["{d}", "{e}"]]')
    assert "\n" not in line
    assert faults(points(names, RULE)) == []


def test_the_rule_to_write_is_read_back(tmp_path):
    from facemtl.tasks import load_tasks

    (line,) = faults(points(LANDMARKS.names))
    rule = line.rpartition("its [[task]]: ")[2]
    names = list(LANDMARKS.names)
    file = tmp_path / "tasks.toml"
    file.write_text(
        f'[[task]]\nname = "landmarks"\nkind = "landmarks"\n'
        f"names = {names}\n{rule}\n"
    )
    assert load_tasks(file) == (LANDMARKS,)


def test_names_without_sides_are_told_by_their_places():
    (line,) = faults(points())
    assert "a and b, d and e" in line
    assert line.endswith('mirror = [["a", "b"], ["d", "e"]]')


@pytest.mark.parametrize(
    ("mirror", "wrong"),
    [
        ((3, 1, 2, 0, 4), "a and b, d and e"),  # the left side's two swapped
        ((4, 3, 2, 1, 0), "a and b, d and e"),  # crossed
        ((1, 0, 2, 3, 4), "d and e"),  # half of a rule
        ((1, 0, 4, 3, 2), "c, d and e"),  # the nose paired
    ],
    ids=str,
)
def test_wrong_rules_are_told_by_their_places(mirror, wrong):
    (line,) = faults(points(LETTERS, mirror))
    assert f"does not fit {wrong}, judged by" in line
    assert line.endswith('mirror = [["a", "b"], ["d", "e"]]')


def test_wrong_rules_are_told_by_their_names():
    (line,) = faults(points(LANDMARKS.names, (3, 4, 2, 0, 1)))
    assert "left eye and right eye" in line


@pytest.mark.parametrize(
    ("names", "mirror", "words"),
    [
        (("left eye", "nose", "chin"), (), "leaves left eye in its place"),
        (
            ("left eye", "left brow", "chin"),
            (1, 0, 2),
            "swaps left eye and left brow, of one side",
        ),
    ],
)
def test_a_side_without_its_counterpart(names, mirror, words):
    task = points(names, mirror)
    (line,) = faults(task, labels=FACES.labels["landmarks"][:, [0, 2, 3]])
    assert words in line


def test_classes_named_left_and_right():
    (line,) = classes(("left", "ahead", "right"))
    assert line.endswith('mirror = [["left", "right"]]')
    (line,) = classes(("nach links", "geradeaus", "nach rechts"))
    assert "nach links and nach rechts" in line
    assert classes(("left", "ahead", "right"), (2, 1, 0)) == []
    # Right may mean correct, and letters are no words of a class.
    assert classes(("right", "wrong")) == []
    assert classes(("load", "road")) == []
    assert classes(SMILE.names) == []


@pytest.mark.parametrize("name", ["yaw", "head_roll", "turn", "azimuth"])
def test_signed_turns_without_a_rule(name):
    signed = np.random.default_rng(0).normal(0, 20, len(FACES))
    (line,) = faults(Task(name, "value"), labels=signed)
    assert line.endswith('mirror = "negate"')
    assert faults(Task(name, "value", mirror=(-1,)), labels=signed) == []
    assert faults(Task(name, "value"), labels=np.abs(signed)) == []
    few = np.where(np.arange(len(FACES)) < 10, signed, np.nan)
    assert faults(Task(name, "value"), labels=few) == []


def test_other_signed_values_are_no_turns():
    signed = np.random.default_rng(0).normal(0, 20, len(FACES))
    for name in ("age", "valence", "temperature", "scroll"):
        assert faults(Task(name, "value"), labels=signed) == []


def test_few_faces_say_nothing_of_places():
    assert faults(points(), FACES.select(np.arange(19))) == []


def test_single_points_may_be_missing():
    labels = FACES.labels["landmarks"].copy()
    labels[::2, 0] = np.nan
    labels[:, 2] = np.nan
    (line,) = faults(points(), labels=labels)
    assert line.endswith('mirror = [["a", "b"], ["d", "e"]]')
    assert faults(points(LETTERS, RULE), labels=labels) == []
    none = np.full_like(labels, np.nan)
    assert faults(points(), labels=none) == []


def test_faces_that_look_to_one_side_say_nothing():
    for pose in range(len(POSE.names)):
        many = synthetic_faces(600, seed=1)
        some = many.select(many.labels["pose"] == pose)
        assert len(some) >= 20
        assert faults(points(LETTERS, RULE), some) == []


def test_mirror_images_are_switched_off_and_on():
    settings = load_settings("split")
    on, lines = fit_mirror(settings.augment, FACES, MTFL_TASKS)
    assert (on, lines) == (True, [])
    task = points(LANDMARKS.names)
    faces = replace(FACES, tasks=(task,))
    fitted, lines = fit_recipe(settings, faces, (task,))
    off = replace(settings.augment, mirror=False)
    assert settings.augment.mirror is True
    assert fitted.augment == off
    (line,) = lines
    assert line.startswith("augment.mirror: off for this run. Task 'landmarks'")
    plain = replace(settings, augment=off)
    assert fit_recipe(plain, faces, (task,))[1] == []


def test_a_wrong_rule_forbids_the_mean_with_the_mirror_image():
    network = FaceNetwork((LANDMARKS,), width=0.1)
    assert network.with_mirror().get_config()["mirrored"]
    network.mirror_fault = "Task 'landmarks': its mirror rule does not fit."
    kept = FaceNetwork.from_config(network.get_config())
    with pytest.raises(InputError, match=r"--mirrored\). Received: Task 'land"):
        kept.with_mirror()


@pytest.mark.mtfl
def test_real_faces_have_rules_that_fit(mtfl_root):
    faces = read_mtfl(mtfl_root, "train")
    assert mirror_faults(faces, faces.tasks) == []
    for pose in range(len(POSE.names)):
        some = faces.select(faces.labels["pose"] == pose)
        assert faults(points(LETTERS, RULE), some) == []
    (line,) = faults(points(), faces)
    assert line.endswith('mirror = [["a", "b"], ["d", "e"]]')


@pytest.mark.mtfl
def test_68_points_of_real_faces(mtfl_root):
    names = tuple(f"p{i}" for i in range(1, 69))
    rule = rule_of_68()
    file = mtfl_root.parent / "POINTS68/labels.csv"
    faces = read_csv(file, [points(names, rule)])
    assert faults(points(names, rule), faces) == []
    (line,) = faults(points(names), faces)
    assert "p1 and p17, p2 and p16, p3 and p15 and 26 more" in line
    pairs = [[f"p{i + 1}", f"p{j + 1}"] for i, j in enumerate(rule) if i < j]
    assert line.endswith(str(pairs).replace("'", '"'))
    labels = faces.labels["landmarks"]
    width = faces.boxes[:, 2] - faces.boxes[:, 0]
    turned = labels[:, 30, 0] - labels[:, [0, 16], 0].mean(axis=1)
    order = np.argsort(turned / width)
    for some in (order[:60], order[:500], order[-500:], order[-60:]):
        assert faults(points(names, rule), faces.select(some)) == []


def rule_of_68():
    """The permutation of the 68 points, counted from 0."""
    rule = list(range(68))
    pairs = [(i, 18 - i) for i in range(1, 9)]
    pairs += [(i, 45 - i) for i in range(18, 23)] + [(32, 36), (33, 35)]
    pairs += [(37, 46), (38, 45), (39, 44), (40, 43), (41, 48), (42, 47)]
    pairs += [(49, 55), (50, 54), (51, 53), (56, 60), (57, 59)]
    pairs += [(61, 65), (62, 64), (66, 68)]
    for i, j in pairs:
        rule[i - 1], rule[j - 1] = j - 1, i - 1
    return tuple(rule)


@pytest.mark.mtfl
def test_names_and_rules_of_other_formats_are_right(mtfl_root):
    """Numbers run from the image's left to its right on both brows."""
    assert POINTS_68.mirror == tuple(rule_of_68())
    file = mtfl_root.parent / "POINTS68/labels.csv"
    faces = read_csv(file, [POINTS_68])
    assert faults(POINTS_68, faces) == []
    unruled = Task("landmarks", "landmarks", POINTS_68.names)
    (line,) = faults(unruled, faces)
    assert '["left brow 1", "right brow 5"]' in line
    nothing = np.full((len(FACES), 98, 2), np.nan)
    assert faults(POINTS_98, labels=nothing) == []
