"""Checks of the names and the mirror rule of a task."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from facemtl.errors import InputError
from facemtl.words import printable

# A valid TensorFlow scope, and thus a valid name of a Keras layer. It has a
# letter, so that it cannot be read as a number.
NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_]*")
# Longest name of a task, and of a point or class, in characters.
LONGEST, LONGEST_PART = 100, 200
# Inputs of an export. Layers that every network has follow below.
INPUTS = ("crops", "boxes")
LAYERS = (
    *("image", "scale", "flat", "fc", "act_fc"),
    *("conv1", "conv2", "conv3", "conv4"),
)


def check_name(name: Any) -> None:
    """Raise `InputError` for an invalid task name."""
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


def check_part(task: str, name: str) -> None:
    """Raise `InputError` for an invalid name of a point or class."""
    short = 1 <= len(name) <= LONGEST_PART
    if short and name == name.strip() == printable(name):
        return
    # `repr` shows characters that a terminal cannot display.
    shown = printable(repr(name))
    shown = f"{shown[:40]}…" if len(shown) > 2 * LONGEST_PART else shown
    raise InputError(
        f"Task '{task}': expected names of 1 to {LONGEST_PART} characters, "
        "without control characters, halves of characters or blanks around. "
        f"Received: {shown}."
    )


def is_mirror_rule(kind: str, mirror: Sequence[int]) -> bool:
    """Return whether a mirror rule fits a kind of label.

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


def texts_of(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return the list of texts under a key; empty if the key is missing."""
    items = entry.get(key, [])
    if not isinstance(items, list) or not all(
        isinstance(item, str) for item in items
    ):
        raise InputError(
            f"Task {entry['name']!r}: expected {key} as a list of texts. "
            f"Received: {items!r}."
        )
    return tuple(items)


def read_mirror_rule(
    task: str, names: tuple[str, ...], rule: str | Sequence[Any]
) -> tuple[int, ...]:
    """Convert "same", "negate" or pairs of names to a permutation."""
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
