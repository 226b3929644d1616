"""The fixed validation split: the same faces everywhere, for ever."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from facemtl.datasets.faces import Faces
from facemtl.errors import InputError

_STRATA = ("pose", "glasses")


def validation_mask(
    names: Sequence[str] | np.ndarray,
    strata: np.ndarray,
    n: int = 1000,
    seed: int = 0,
) -> np.ndarray:
    """Choose exactly `n` faces, each stratum in proportion.

    Inside a stratum the faces with the smallest hash of (seed, name) are
    chosen. So the choice depends neither on the order of the rows nor on the
    machine, and a dropped face moves at most a few others.

    Args:
        names: (N,) photo names.
        strata: (N, S) integers; faces with equal rows form a stratum.
        n: faces to choose, at most N // 2.
        seed: another seed chooses other faces.

    Returns:
        (N,) bool, True for validation.

    Raises:
        InputError: if `n` is negative or larger than N // 2.

    Example:

    >>> mask = validation_mask(["a", "b", "c", "d"], np.array([[0]] * 4), n=2)
    >>> int(mask.sum())
    2
    """
    if not 0 <= n <= len(names) // 2:
        raise InputError(
            f"Expected at most {len(names) // 2} validation faces, half of "
            f"all. Received: {n}."
        )
    hashes = [_hash(seed, str(name)) for name in names]
    members = defaultdict(list)
    for i, key in enumerate(np.asarray(strata).tolist()):
        members[tuple(key)].append(i)
    counts = {key: len(members[key]) for key in sorted(members)}
    mask = np.zeros(len(names), bool)
    for key, share in _shares(counts, n).items():
        ordered = sorted(members[key], key=lambda i: hashes[i])
        mask[ordered[:share]] = True
    return mask


def _hash(seed: int, name: str) -> bytes:
    # Not hash(), which differs from one process to the next.
    return hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()


def _shares(
    counts: dict[tuple[int, ...], int], n: int
) -> dict[tuple[int, ...], int]:
    """Each stratum's part of `n`: rounded down, then largest remainders."""
    total = sum(counts.values())
    shares = {key: n * count // total for key, count in counts.items()}
    # Integers compare exactly; the sort keeps the keys' order in a tie.
    by_remainder = sorted(counts, key=lambda key: -(n * counts[key] % total))
    for key in by_remainder[: n - sum(shares.values())]:
        shares[key] += 1
    return shares


def split_faces(
    faces: Faces, n: int = 1000, seed: int = 0
) -> tuple[Faces, Faces]:
    """Divide faces into training and validation, both in their order.

    Strata are pose and glasses (unlabelled is a class of its own). Where
    neither is a task of the faces, all their class tasks are used.

    Args:
        faces: at least 2.
        n: validation faces; for small sets reduced to a tenth of the faces,
            at least 1.
        seed: another seed chooses other faces.

    Returns:
        The training and the validation faces.

    Raises:
        InputError: if there are fewer than 2 faces.
    """
    if len(faces) < 2:
        raise InputError(
            "Expected at least 2 faces, to train on and to choose by. "
            f"Received: {len(faces)}."
        )
    classes = [task.name for task in faces.tasks if task.kind == "classes"]
    strata = [name for name in _STRATA if name in classes] or classes
    keys = [faces.labels[name] for name in strata]
    keys = keys or [np.zeros(len(faces), np.int32)]
    n = min(n, max(len(faces) // 10, 1))
    mask = validation_mask(faces.names, np.stack(keys, axis=1), n, seed)
    return faces.select(~mask), faces.select(mask)
