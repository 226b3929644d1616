"""The fixed validation split: the same faces everywhere, for ever."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from facemtl.data.faces import Faces
from facemtl.data.proportions import proportional_mask
from facemtl.errors import InputError
from facemtl.tasks import MTFL_TASKS

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
    ordered = {
        key: sorted(faces, key=lambda i: hashes[i])
        for key, faces in members.items()
    }
    # In a tie of remainders the hash decides, so that no class is favoured.
    keys = sorted(ordered, key=lambda key: hashes[ordered[key][0]])
    counts = {key: len(ordered[key]) for key in keys}
    mask = np.zeros(len(names), bool)
    for key, share in _shares(counts, n).items():
        mask[ordered[key][:share]] = True
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
    # Whole numbers compare exactly; the sort keeps the order in a tie.
    by_remainder = sorted(counts, key=lambda key: -(n * counts[key] % total))
    for key in by_remainder[: n - sum(shares.values())]:
        shares[key] += 1
    return shares


def split_faces(
    faces: Faces, n: int = 1000, seed: int = 0
) -> tuple[Faces, Faces]:
    """Divide faces into training and validation, both in their order.

    Strata are pose and glasses (unlabelled is a class of its own). With tasks
    other than MTFL's, they are the classes of all class tasks, and whether
    points and values are labelled; where strata are too many to take a share
    of each, `proportional_mask` keeps the share of every class.

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
    n = min(n, max(len(faces) // 10, 1))
    strata = _strata(faces)
    if 2 * len(np.unique(strata, axis=0)) <= n or _is_mtfl(faces):
        mask = validation_mask(faces.names, strata, n, seed)
    else:
        hashes = [_hash(seed, str(name)) for name in faces.names]
        order = np.array(sorted(range(len(faces)), key=lambda i: hashes[i]))
        mask = np.zeros(len(faces), bool)
        mask[order] = proportional_mask(_label_columns(faces)[order], n)
    return faces.select(~mask), faces.select(mask)


def _is_mtfl(faces: Faces) -> bool:
    """Whether all class tasks are MTFL's, whose split stays as it is."""
    return all(t in MTFL_TASKS for t in faces.tasks if t.kind == "classes")


def _strata(faces: Faces) -> np.ndarray:
    """(N, S) integers: faces with equal rows form a stratum."""
    names = [task.name for task in faces.tasks]
    main = [name for name in _STRATA if name in names]
    if main and _is_mtfl(faces):
        return np.stack([faces.labels[name] for name in main], axis=1)
    keys = [
        labels if task.kind == "classes" else task.is_labelled(labels)
        for task, labels in ((t, faces.labels[t.name]) for t in faces.tasks)
    ]
    return np.stack(keys, axis=1).astype(np.int64)


def _label_columns(faces: Faces) -> np.ndarray:
    """(N, L) bool: each class of each task, and which labels there are."""
    columns = []
    for task in faces.tasks:
        labels = faces.labels[task.name]
        columns.append(task.is_labelled(labels))
        if task.kind == "classes":
            columns += [labels == k for k in range(task.size)]
    return np.stack(columns, axis=1)


def class_shares(faces: Faces) -> dict[str, dict[str, float]]:
    """How frequent each class is, in % of the faces with a label.

    Example:

    >>> from facemtl.data.synthetic.faces import synthetic_faces
    >>> sorted(class_shares(synthetic_faces(20))["smile"])
    ['no', 'yes']
    """
    shares = {}
    for task in faces.tasks:
        labels = faces.labels[task.name]
        if task.kind == "classes" and task.is_labelled(labels).any():
            counts = np.bincount(labels[labels >= 0], minlength=task.size)
            percent = (100 * counts / counts.sum()).round(2)
            shares[task.name] = dict(
                zip(task.names, percent.tolist(), strict=True)
            )
    return shares
