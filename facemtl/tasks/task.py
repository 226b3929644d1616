"""`Task`: one property of a face to learn, and the tasks of MTFL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.tasks.rules import (
    check_name,
    check_part,
    is_mirror_rule,
    read_mirror_rule,
    texts_of,
)

KINDS = ("landmarks", "classes", "value")


@dataclass(frozen=True)
class Task:
    """One property of a face to learn.

    Args:
        name: up to 100 ASCII letters, digits and `_`, with at least one letter
            and no `_` first. It is also the name of the head's layer and the
            key of the prediction. Names of an export's inputs (`"crops"`,
            `"boxes"`) and of layers that every network has are not allowed.
        kind: `"landmarks"`, `"classes"` or `"value"`.
        names: names of the points or classes, in order; `()` for a value.
            Names of 1 to 200 characters in any language, without control
            characters or surrounding blanks.
        mirror: effect of mirroring the photo. For points and classes, a
            permutation: item `i` becomes item `mirror[i]`. For a value, `(1,)`
            keeps it and `(-1,)` negates it.

    Raises:
        ValueError: an `InputError` for an invalid name, an unknown kind,
            duplicate names or a mirror rule that is not its own inverse.

    Example:

    >>> Task("pose", "classes", ("left", "frontal", "right"), (2, 1, 0)).size
    3
    """

    name: str
    kind: str
    names: tuple[str, ...] = ()
    mirror: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name)
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
            check_part(self.name, name)
        if not self.mirror:
            unchanged = (1,) if self.kind == "value" else range(len(self.names))
            object.__setattr__(self, "mirror", tuple(unchanged))
        self._check_mirror()

    def _check_sequences(self) -> None:
        """Convert names and mirror rule to tuples; raise for a plain text."""
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
        """The number of points or classes; 1 for a value."""
        return max(len(self.names), 1)

    @property
    def label_shape(self) -> tuple[int, ...]:
        """The shape of one face's label."""
        return (self.size, 2) if self.kind == "landmarks" else ()

    def no_labels(self, n: int) -> np.ndarray:
        """Return `n` missing labels: NaN, or -1 for classes."""
        if self.kind == "classes":
            return np.full(n, -1, np.int32)
        return np.full((n, *self.label_shape), np.nan, np.float64)

    def no_predictions(self) -> np.ndarray:
        """Return predictions for zero faces: (0, P, 2), (0, K) or (0, 1)."""
        shape = self.label_shape or (self.size,)
        return np.empty((0, *shape), np.float32)

    def is_labelled(self, labels: np.ndarray) -> np.ndarray:
        """Return (N,) bool: whether a face has any label of the task."""
        parts = self.labelled_parts(labels)
        return parts.sum(axis=1) > 0 if self.kind == "landmarks" else parts

    def labelled_parts(self, labels: np.ndarray) -> np.ndarray:
        """Return which labels exist: (N,) bool, or (N, P) for landmarks.

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
        """Return plain lists and strings, for TOML, JSON and `.keras` files."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "Task":
        """Restore a task from `to_dict` or from a TOML with mirror pairs."""
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
        names = texts_of(entry, "names")
        mirror = read_mirror_rule(entry["name"], names, entry.get("mirror", ()))
        return cls(entry["name"], entry["kind"], names, mirror)


def check_task_names(tasks: Sequence[Task]) -> None:
    """Raise unless there are one or more tasks with distinct names.

    Raises:
        InputError: for no task, or a duplicate name.
    """
    if not tasks:
        raise InputError("Expected one or more tasks. Received: none.")
    names = [task.name for task in tasks]
    if len(set(names)) < len(names):
        raise InputError(f"Expected distinct task names. Received: {names}.")


def landmarks_task(tasks: Iterable[Task]) -> Task | None:
    """Return the first landmarks task, or None if there is none."""
    return next((task for task in tasks if task.kind == "landmarks"), None)


LANDMARKS = Task(
    "landmarks",
    "landmarks",
    # "Left" is the left of the image everywhere in facemtl.
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
