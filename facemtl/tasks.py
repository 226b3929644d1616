"""THE table of tasks: all names, sizes and mirror rules are read here.

A task is one thing to learn about a face. Three kinds exist:

| kind        | label of one face     | missing | answer of a network   |
|-------------|-----------------------|---------|-----------------------|
| `landmarks` | (P, 2) float, (x, y)  | NaN     | (P, 2) in [0, 1]      |
| `classes`   | integer from 0        | -1      | (K,) probabilities    |
| `value`     | float                 | NaN     | (1,) float            |

Single points of a face may be missing, too: such a point is NaN, the others
are as they are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.files.toml_file import load_toml
from facemtl.words import printable

KINDS = ("landmarks", "classes", "value")
# What TensorFlow takes as a scope, and with it Keras as a layer's name. A
# letter, so that no name passes for a number.
NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_]*")
MOST_TASKS = 1000
# Characters of a task's name, and of a name of a point or class.
LONGEST, LONGEST_PART = 100, 200
# Of an export, and of layers that every network has.
INPUTS = ("crops", "boxes")
LAYERS = (
    *("image", "scale", "flat", "fc", "act_fc"),
    *("conv1", "conv2", "conv3", "conv4"),
)


@dataclass(frozen=True)
class Task:
    """One thing to learn about a face.

    Args:
        name: ASCII letters, digits and `_`, at least one letter, no `_`
            first, at most 100; also the name of the head's layer and the key
            of the prediction, and so neither the name of an export's input
            (`"crops"`, `"boxes"`) nor of a layer that every network has.
        kind: `"landmarks"`, `"classes"` or `"value"`.
        names: the point names or class names, in order; `()` for a value. In
            any language, of 1 to 200 characters, without control characters
            and without blanks around.
        mirror: what a mirrored photo does. For points and classes, the
            permutation: item `i` becomes item `mirror[i]`. For a value,
            `(1,)` keeps it and `(-1,)` negates it.

    Raises:
        ValueError: for another name, an unknown kind, repeated names or a
            mirror rule that is not its own inverse: an `InputError`.

    Example:

    >>> Task("pose", "classes", ("left", "frontal", "right"), (2, 1, 0)).size
    3
    """

    name: str
    kind: str
    names: tuple[str, ...] = ()
    mirror: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.kind not in KINDS:
            raise InputError(
                f"Task '{self.name}': expected a kind in {KINDS}. "
                f"Received: {self.kind!r}."
            )
        self._check_sequences()
        least = {"landmarks": 1, "classes": 2, "value": 0}[self.kind]
        if len(self.names) < least or len(set(self.names)) < len(self.names):
            raise InputError(
                f"Task '{self.name}': expected at least {least} distinct "
                f"names. Received: {list(self.names)}."
            )
        for name in self.names:
            _check_part(self.name, name)
        if not self.mirror:
            unchanged = (1,) if self.kind == "value" else range(len(self.names))
            object.__setattr__(self, "mirror", tuple(unchanged))
        self._check_mirror()

    def _check_sequences(self) -> None:
        """Names and mirror rule as tuples; a text would be its letters."""
        for key, what in (("names", "texts"), ("mirror", "integers")):
            items = getattr(self, key)
            whole = isinstance(items, tuple | list)
            texts = whole and all(isinstance(item, str) for item in items)
            if not whole or (key == "names" and not texts):
                raise InputError(
                    f"Task '{self.name}': expected {key} as a tuple of {what}. "
                    f"Received: {items!r}."
                )
            object.__setattr__(self, key, tuple(items))

    def _check_mirror(self) -> None:
        whole = self.kind == "value" or len(self.mirror) == len(self.names)
        if not whole or not is_mirror_rule(self.kind, self.mirror):
            raise InputError(
                f"Task '{self.name}': expected a mirror rule that is its own "
                f"inverse. Received: {list(self.mirror)}."
            )

    @property
    def size(self) -> int:
        """Number of points or classes; 1 for a value."""
        return max(len(self.names), 1)

    @property
    def label_shape(self) -> tuple[int, ...]:
        """Shape of one face's label."""
        return (self.size, 2) if self.kind == "landmarks" else ()

    def no_labels(self, n: int) -> np.ndarray:
        """`n` missing labels: NaN, or -1 for classes."""
        if self.kind == "classes":
            return np.full(n, -1, np.int32)
        return np.full((n, *self.label_shape), np.nan, np.float64)

    def no_predictions(self) -> np.ndarray:
        """Predictions for zero faces: float32 (0, P, 2), (0, K) or (0, 1)."""
        shape = self.label_shape or (self.size,)
        return np.empty((0, *shape), np.float32)

    def is_labelled(self, labels: np.ndarray) -> np.ndarray:
        """(N,) bool: which faces have a label; of landmarks, any point."""
        parts = self.labelled_parts(labels)
        return parts.sum(axis=1) > 0 if self.kind == "landmarks" else parts

    def labelled_parts(self, labels: np.ndarray) -> np.ndarray:
        """Which labels are there: (N,) bool, or for landmarks (N, P).

        A point is labelled if both of its coordinates are numbers.

        Example:

        >>> points = np.array([[[1.0, 2.0], [np.nan, np.nan]]])
        >>> eyes = Task("eyes", "landmarks", ("left", "right"), (1, 0))
        >>> eyes.labelled_parts(points), eyes.is_labelled(points)
        (array([[ True, False]]), array([ True]))
        """
        if self.kind == "classes":
            return labels >= 0
        known = np.isfinite(labels)
        return known.all(axis=2) if self.kind == "landmarks" else known

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and strings, for TOML, JSON and `.keras` files."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "Task":
        """The inverse of `to_dict`; also reads the mirror rules of a TOML."""
        if not isinstance(entry, Mapping):
            raise InputError(
                "Expected a task with name, kind, names and mirror. "
                f"Received: {entry!r}."
            )
        unknown = set(entry) - {"name", "kind", "names", "mirror"}
        texts = [entry.get(key) for key in ("name", "kind")]
        if unknown or not all(isinstance(text, str) for text in texts):
            raise InputError(
                "Expected a task with name, kind, names and mirror. "
                f"Received: {dict(entry)}."
            )
        names = _texts(entry, "names")
        mirror = _mirror_rule(entry["name"], names, entry.get("mirror", ()))
        return cls(entry["name"], entry["kind"], names, mirror)


def _check_name(name: Any) -> None:
    """Raise `InputError` for what cannot be a task's name anywhere."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputError(
            "Expected a task name of ASCII letters, digits and '_', with "
            "at least one letter and no '_' first (names of points and "
            f"classes may be in any language). Received: {name!r}."
        )
    if len(name) > LONGEST:
        raise InputError(
            f"Expected a task name of at most {LONGEST} characters. Received: "
            f"{name[:20]}…, of {len(name):,}."
        )
    if name in INPUTS:
        raise InputError(
            f"Expected task names other than '{name}', an export's input. "
            "Rename the task."
        )
    if name in LAYERS:
        raise InputError(
            "Expected task names other than those of the network's own "
            f"layers. Received: task '{name}', and a layer '{name}'. Rename "
            "the task."
        )


def _check_part(task: str, name: str) -> None:
    """Raise `InputError` for a point or class that cannot be written."""
    short = 1 <= len(name) <= LONGEST_PART
    if short and name == name.strip() == printable(name):
        return
    # As a literal: the name itself may be what no screen shows.
    shown = printable(repr(name))
    shown = f"{shown[:40]}…" if len(shown) > 2 * LONGEST_PART else shown
    raise InputError(
        f"Task '{task}': expected names of 1 to {LONGEST_PART} characters, "
        "without control characters, halves of characters or blanks around. "
        f"Received: {shown}."
    )


def check_task_names(tasks: Sequence[Task]) -> None:
    """Raise unless there are tasks, each with a name of its own.

    Raises:
        InputError: for no task, or two of a name.
    """
    if not tasks:
        raise InputError("Expected one or more tasks. Received: none.")
    names = [task.name for task in tasks]
    if len(set(names)) < len(names):
        raise InputError(f"Expected distinct task names. Received: {names}.")


def is_mirror_rule(kind: str, mirror: Sequence[int]) -> bool:
    """Whether this says what a mirrored photo does to a kind of label.

    Example:

    >>> is_mirror_rule("classes", (2, 1, 0)), is_mirror_rule("value", (-1,))
    (True, True)
    >>> is_mirror_rule("landmarks", (1, 2, 0))  # not its own inverse
    False
    """
    if not all(type(item) is int for item in mirror):
        return False
    if kind == "value":
        return tuple(mirror) in ((1,), (-1,))
    order = list(range(len(mirror)))
    return sorted(mirror) == order and [mirror[i] for i in mirror] == order


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The list of texts under a key; empty where it is missing."""
    items = entry.get(key, [])
    if not isinstance(items, list) or not all(
        isinstance(item, str) for item in items
    ):
        raise InputError(
            f"Task {entry['name']!r}: expected {key} as a list of texts. "
            f"Received: {items!r}."
        )
    return tuple(items)


def _mirror_rule(
    task: str, names: tuple[str, ...], rule: str | Sequence[Any]
) -> tuple[int, ...]:
    """A TOML's rule as a permutation: "same", "negate" or pairs of names."""
    if isinstance(rule, str):
        if rule not in ("same", "negate"):
            raise InputError(
                f"Task '{task}': expected mirror = 'same', 'negate' or pairs "
                f"of names. Received: {rule!r}."
            )
        return (-1,) if rule == "negate" else ()
    if not isinstance(rule, Sequence):
        raise InputError(
            f"Task '{task}': expected mirror = 'same', 'negate' or pairs of "
            f"names. Received: {rule!r}."
        )
    if all(type(item) is int for item in rule):
        return tuple(rule)
    order = list(range(len(names)))
    index = {name: i for i, name in enumerate(names)}
    for pair in rule:
        is_pair = isinstance(pair, list | tuple) and len(pair) == 2
        if not is_pair or not all(
            isinstance(name, str) and name in index for name in pair
        ):
            raise InputError(
                f"Task '{task}': expected mirror pairs of {list(names)}. "
                f"Received: {pair!r}."
            )
        i, j = index[pair[0]], index[pair[1]]
        order[i], order[j] = j, i
    return tuple(order)


def load_tasks(path: str | Path) -> tuple[Task, ...]:
    """Read a user's own tasks from a TOML file.

    Each `[[task]]` table holds `name`, `kind`, `names` (of points or classes)
    and `mirror`: pairs of names that swap in a mirrored photo, or for a value
    `"same"` or `"negate"`.

    Args:
        path: a TOML file such as

            [[task]]
            name = "landmarks"
            kind = "landmarks"
            names = ["left eye", "right eye", "chin"]
            mirror = [["left eye", "right eye"]]

    Returns:
        The tasks, in the file's order.

    Raises:
        InputError: if the file cannot be read, or a task is not well formed.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "tasks.toml")
    ...     _ = file.write_text('''
    ...         [[task]]
    ...         name = "hat"
    ...         kind = "classes"
    ...         names = ["none", "cap"]
    ...     ''')
    ...     load_tasks(file)
    (Task(name='hat', kind='classes', names=('none', 'cap'), mirror=(0, 1)),)
    """
    return tasks_of(read_tasks_toml(path).get("task"), path)


def read_tasks_toml(path: str | Path) -> dict[str, Any]:
    """What a TOML of tasks holds; `InputError` if it cannot be read."""
    return load_toml(path, "a TOML of tasks")


def tasks_of(entries: Any, path: str | Path) -> tuple[Task, ...]:
    """The tasks of a TOML's `[[task]]` tables; see `load_tasks`."""
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: expected [[task]] tables. Received none.")
    if len(entries) > MOST_TASKS:
        raise InputError(
            f"{path}: expected at most {MOST_TASKS:,} [[task]] tables. "
            f"Received: {len(entries):,}."
        )
    tasks = tuple(Task.from_dict(entry) for entry in entries)
    if len({task.name for task in tasks}) < len(tasks):
        raise InputError(f"{path}: expected distinct task names.")
    return tasks


def landmarks_task(tasks: Iterable[Task]) -> Task | None:
    """The first landmarks task, or None where only attributes are learned."""
    return next((task for task in tasks if task.kind == "landmarks"), None)


LANDMARKS = Task(
    "landmarks",
    "landmarks",
    # Left is the image's left, everywhere in facemtl.
    (
        "left eye",
        "right eye",
        "nose",
        "left mouth corner",
        "right mouth corner",
    ),
    (1, 0, 2, 4, 3),
)
SMILE = Task("smile", "classes", ("yes", "no"))
GENDER = Task("gender", "classes", ("male", "female"))
GLASSES = Task("glasses", "classes", ("yes", "no"))
POSE = Task(
    "pose",
    "classes",
    ("left profile", "left", "frontal", "right", "right profile"),
    (4, 3, 2, 1, 0),
)

MTFL_TASKS = (LANDMARKS, SMILE, GENDER, GLASSES, POSE)
