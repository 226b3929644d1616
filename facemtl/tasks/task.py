"""`Task`: one property of a face to learn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.tasks.normalizer import Normalizer
from facemtl.tasks.outputs import sigma_name, spread_name
from facemtl.tasks.rules import (
    check_name,
    check_part,
    is_mirror_rule,
    read_mirror_rule,
    texts_of,
)

KINDS = ("landmarks", "classes", "value")
KEYS = ("name", "kind", "names", "mirror", "normalizer")


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
        normalizer: the distance that divides the errors of points in scores.
            By default that between "left eye" and "right eye", if the points
            have these names. Only for points.

    Raises:
        ValueError: an `InputError` for an invalid name, an unknown kind,
            duplicate names, a mirror rule that is not its own inverse or a
            normalizer of other points.

    Example:

    >>> Task("pose", "classes", ("left", "frontal", "right"), (2, 1, 0)).size
    3
    """

    name: str
    kind: str
    names: tuple[str, ...] = ()
    mirror: tuple[int, ...] = ()
    normalizer: Normalizer | None = None

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
        self._check_normalizer()

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

    def _check_normalizer(self) -> None:
        given = self.normalizer
        if given is None:
            return
        if self.kind != "landmarks" or not isinstance(given, Normalizer):
            raise InputError(
                f"Task '{self.name}': expected a facemtl.Normalizer, of a task "
                f"of landmarks only. Received: {given!r} of a task of "
                f"{self.kind}."
            )
        try:
            given.indices(self.names)
        except InputError as error:
            raise InputError(f"Task '{self.name}': {error}") from None

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
        entry: dict[str, Any] = {
            "name": self.name,
            "kind": self.kind,
            "names": list(self.names),
            "mirror": list(self.mirror),
        }
        if self.normalizer is not None:
            entry["normalizer"] = self.normalizer.to_dict()
        return entry

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "Task":
        """Restore a task from `to_dict` or from a TOML with mirror pairs."""
        whole = isinstance(entry, Mapping) and set(entry) <= set(KEYS)
        if not whole or not all(
            isinstance(entry.get(key), str) for key in ("name", "kind")
        ):
            raise InputError(
                f"Expected a task with {', '.join(KEYS[:-1])} and {KEYS[-1]}. "
                f"Received: {entry!r}."
            )
        name, names = entry["name"], texts_of(entry, "names")
        mirror = read_mirror_rule(name, names, entry.get("mirror", ()))
        normalizer = None
        if "normalizer" in entry:
            try:
                normalizer = Normalizer.from_dict(entry["normalizer"])
            except InputError as error:
                raise InputError(f"Task '{name}': {error}") from None
        return cls(name, entry["kind"], names, mirror, normalizer)

    def learns_as(self, other: "Task") -> bool:
        """Whether labels and predictions of another task have equal meaning.

        Only the normalizer of scores may differ.

        Example:

        >>> plain = Task("eyes", "landmarks", ("left", "right"), (1, 0))
        >>> apart = Normalizer("eyes", ("left", "right"))
        >>> eyes = Task("eyes", "landmarks", plain.names, (1, 0), apart)
        >>> eyes == plain, eyes.learns_as(plain)
        (False, True)
        """
        keys = ("name", "kind", "names", "mirror")
        return all(getattr(self, x) == getattr(other, x) for x in keys)


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
    for task in tasks:
        taken = {sigma_name(task), spread_name(task)} & set(names)
        if task.kind == "landmarks" and taken:
            raise InputError(
                f"Expected another name of the task '{min(taken)}': the "
                f"deviations of '{task.name}' have it. Rename the task."
            )


def landmarks_task(tasks: Iterable[Task]) -> Task | None:
    """Return the first landmarks task, or None if there is none."""
    return next((task for task in tasks if task.kind == "landmarks"), None)
