"""Tasks: the table of MTFL, a user's own, mirror rules, what is refused."""

import numpy as np
import pytest

from facemtl.errors import InputError
from facemtl.tasks import (
    LANDMARKS,
    MTFL_TASKS,
    POSE,
    SMILE,
    Task,
    landmarks_task,
    load_tasks,
)

OWN = """
[[task]]
name = "points"
kind = "landmarks"
names = ["left eye", "right eye", "chin"]
mirror = [["left eye", "right eye"]]

[[task]]
name = "gaze"
kind = "classes"
names = ["left", "ahead", "right"]
mirror = [["left", "right"]]

[[task]]
name = "mood"
kind = "classes"
names = ["glad", "sad"]

[[task]]
name = "yaw"
kind = "value"
mirror = "negate"

[[task]]
name = "age"
kind = "value"
mirror = "same"
"""


@pytest.fixture
def toml(tmp_path):
    """Writes a TOML of tasks; returns its path."""

    def write(content: str | bytes):
        path = tmp_path / "tasks.toml"
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        return path

    return write


def test_the_table_of_mtfl():
    assert {task.name: task.names for task in MTFL_TASKS} == {
        "landmarks": (
            "left eye",
            "right eye",
            "nose",
            "left mouth corner",
            "right mouth corner",
        ),
        "smile": ("yes", "no"),
        "gender": ("male", "female"),
        "glasses": ("yes", "no"),
        "pose": ("left profile", "left", "frontal", "right", "right profile"),
    }


@pytest.mark.parametrize("task", MTFL_TASKS, ids=lambda task: task.name)
def test_a_mirror_swaps_left_and_right_in_names(task):
    swapped = [
        name.replace("left", "LEFT")
        .replace("right", "left")
        .replace("LEFT", "right")
        for name in task.names
    ]
    assert [task.names[i] for i in task.mirror] == swapped


def test_own_tasks(toml):
    tasks = load_tasks(toml(OWN))
    assert tasks == (
        Task(
            "points",
            "landmarks",
            ("left eye", "right eye", "chin"),
            (1, 0, 2),
        ),
        Task("gaze", "classes", ("left", "ahead", "right"), (2, 1, 0)),
        Task("mood", "classes", ("glad", "sad"), (0, 1)),
        Task("yaw", "value", (), (-1,)),
        Task("age", "value", (), (1,)),
    )
    assert [task.size for task in tasks] == [3, 3, 2, 1, 1]
    assert landmarks_task(tasks) is tasks[0]
    assert landmarks_task(tasks[1:]) is None


@pytest.mark.parametrize("task", [*MTFL_TASKS, Task("y", "value")], ids=str)
def test_dictionaries_are_plain_and_read_back(task):
    entry = task.to_dict()
    assert Task.from_dict(entry) == task
    assert all(isinstance(x, (str, list)) for x in entry.values())


def test_missing_labels():
    points = LANDMARKS.no_labels(3)
    assert points.shape == (3, 5, 2)
    assert not LANDMARKS.is_labelled(points).any()
    points[:2] = 1.0
    points[1, 4, 0] = np.nan  # one number short of a point
    assert LANDMARKS.is_labelled(points).tolist() == [True, True, False]
    parts = LANDMARKS.labelled_parts(points)
    assert parts.tolist() == [[True] * 5, [True] * 4 + [False], [False] * 5]
    points[1, :4, 1] = np.nan
    assert not LANDMARKS.is_labelled(points)[1]
    assert LANDMARKS.labelled_parts(points[:0]).shape == (0, 5)
    assert LANDMARKS.is_labelled(points[:0]).shape == (0,)
    poses = POSE.no_labels(2)
    assert poses.tolist() == [-1, -1]
    for known in (POSE.is_labelled, POSE.labelled_parts):
        assert known(np.array([-1, 0, 4])).tolist() == [0, 1, 1]
    value = Task("yaw", "value")
    assert value.no_labels(2).shape == (2,)
    for known in (value.is_labelled, value.labelled_parts):
        assert known(np.array([np.nan, 0.0])).tolist() == [0, 1]
    assert (LANDMARKS.label_shape, SMILE.label_shape) == ((5, 2), ())


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (
            ("my task", "value"),
            "Expected a task name of ASCII letters, digits and '_', with at "
            "least one letter and no '_' first (names of points and classes "
            "may be in any language). Received: 'my task'.",
        ),
        (
            ("age", "number"),
            "Task 'age': expected a kind in ('landmarks', 'classes', "
            "'value'). Received: 'number'.",
        ),
        (
            ("mood", "classes", ("glad",)),
            "Task 'mood': expected at least 2 distinct names. "
            "Received: ['glad'].",
        ),
        (
            ("mood", "classes", ("glad", "glad")),
            "Task 'mood': expected at least 2 distinct names. "
            "Received: ['glad', 'glad'].",
        ),
        (
            ("points", "landmarks"),
            "Task 'points': expected at least 1 distinct names. Received: [].",
        ),
        (
            ("gaze", "classes", ("a", "b", "c"), (1, 2, 0)),
            "Task 'gaze': expected a mirror rule that is its own inverse. "
            "Received: [1, 2, 0].",
        ),
        (
            ("gaze", "classes", ("a", "b"), (1,)),
            "Task 'gaze': expected a mirror rule that is its own inverse. "
            "Received: [1].",
        ),
        (
            ("yaw", "value", (), (2,)),
            "Task 'yaw': expected a mirror rule that is its own inverse. "
            "Received: [2].",
        ),
    ],
)
def test_tasks_that_are_not_well_formed(task, message):
    with pytest.raises(InputError) as error:
        Task(*task)
    assert str(error.value) == message


def entry(**values: str) -> str:
    lines = {"name": '"gaze"', "kind": '"classes"', "names": '["a", "b"]'}
    given = {**lines, **values}
    return "[[task]]\n" + "".join(f"{k} = {v}\n" for k, v in given.items())


@pytest.mark.parametrize(
    ("mirror", "message"),
    [
        (
            '"swap"',
            "Task 'gaze': expected mirror = 'same', 'negate' or pairs of "
            "names. Received: 'swap'.",
        ),
        (
            '[["a", "z"]]',
            "Task 'gaze': expected mirror pairs of ['a', 'b']. "
            "Received: ['a', 'z'].",
        ),
        (
            '[["a"]]',
            "Task 'gaze': expected mirror pairs of ['a', 'b']. "
            "Received: ['a'].",
        ),
        (
            '["a", "b"]',
            "Task 'gaze': expected mirror pairs of ['a', 'b']. Received: 'a'.",
        ),
        (
            "[1.5]",
            "Task 'gaze': expected mirror pairs of ['a', 'b']. Received: 1.5.",
        ),
        (
            '[[["a"], "b"]]',
            "Task 'gaze': expected mirror pairs of ['a', 'b']. "
            "Received: [['a'], 'b'].",
        ),
    ],
)
def test_mirror_rules_that_cannot_be_read(mirror, message, toml):
    with pytest.raises(InputError) as error:
        load_tasks(toml(entry(mirror=mirror)))
    assert str(error.value) == message


def test_an_unknown_key_is_told(toml):
    with pytest.raises(InputError) as error:
        load_tasks(toml(entry(colour='"red"')))
    assert str(error.value) == (
        "Expected a task with name, kind, names, mirror and "
        "normalizer. Received: "
        "{'name': 'gaze', 'kind': 'classes', 'names': ['a', 'b'], "
        "'colour': 'red'}."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected [[task]] tables. Received none."),
        ("task = 3", "expected [[task]] tables. Received none."),
        (entry() + entry(), "expected distinct task names."),
    ],
)
def test_files_without_tasks(content, message, toml):
    path = toml(content)
    with pytest.raises(InputError) as error:
        load_tasks(path)
    assert str(error.value) == f"{path}: {message}"


@pytest.mark.parametrize("content", ["[[task", b'# "\xe4"\n'], ids=str)
def test_files_that_are_no_toml(content, toml):
    path = toml(content)
    with pytest.raises(InputError) as error:
        load_tasks(path)
    assert str(error.value).startswith(f"{path}: expected a TOML of tasks: ")


def test_a_missing_file(tmp_path):
    path = tmp_path / "none.toml"
    with pytest.raises(InputError) as error:
        load_tasks(path)
    assert str(error.value).startswith(f"{path}: expected a TOML of tasks: ")


@pytest.mark.parametrize(
    "values",
    [{"name": "5"}, {"names": '"yes"'}, {"names": "[1, 2]"}, {"mirror": "5"}],
    ids=str,
)
def test_values_of_another_type_are_input_errors(values, toml):
    with pytest.raises(InputError):
        load_tasks(toml(entry(**values)))
