"""The fixed split into training and validation faces."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from facemtl.data.faces import Faces
from facemtl.data.proportions import proportional_mask
from facemtl.errors import InputError
from facemtl.settings import DataSettings
from facemtl.tasks import MTFL_TASKS

_STRATA = ("pose", "glasses")


def validation_mask(
    names: Sequence[str] | np.ndarray,
    strata: np.ndarray,
    n: int = 1000,
    seed: int = 0,
) -> np.ndarray:
    """Choose exactly `n` faces, in proportion from each stratum.

    Each stratum contributes its faces with the smallest hash of (seed, name).
    The choice is independent of the order of the rows and of the machine.
    Removing a face changes at most a few others.

    Args:
        names: (N,) photo names.
        strata: (N, S) integers; faces with equal rows form a stratum.
        n: number of faces to choose, at most N // 2.
        seed: seed of the hash.

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
    # The hash breaks ties between remainders, so that no class is favoured.
    keys = sorted(ordered, key=lambda key: hashes[ordered[key][0]])
    counts = {key: len(ordered[key]) for key in keys}
    mask = np.zeros(len(names), bool)
    for key, share in _shares(counts, n).items():
        mask[ordered[key][:share]] = True
    return mask


def _hash(seed: int, name: str) -> bytes:
    # hash() differs between processes.
    return hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()


def _shares(
    counts: dict[tuple[int, ...], int], n: int
) -> dict[tuple[int, ...], int]:
    """Divide `n` in proportion to `counts`, by largest remainder."""
    total = sum(counts.values())
    shares = {key: n * count // total for key, count in counts.items()}
    # Integers compare exactly, and sorted() is stable.
    by_remainder = sorted(counts, key=lambda key: -(n * counts[key] % total))
    for key in by_remainder[: n - sum(shares.values())]:
        shares[key] += 1
    return shares


def split_faces(
    faces: Faces, n: int = 1000, seed: int = 0, share: float = 0.1
) -> tuple[Faces, Faces]:
    """Split faces into training and validation faces, in their order.

    Strata are the classes of pose and glasses; unlabelled faces form a class.
    With tasks other than MTFL's, strata are the classes of all class tasks, and
    whether points and values are labelled. If there are too many strata for
    that, `proportional_mask` keeps the frequency of each class.

    Args:
        faces: at least 2 faces.
        n: number of validation faces. It is reduced to `share` of the faces,
            and is at least 1.
        seed: seed of the choice.
        share: largest share of the faces to choose.

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
    n = min(n, max(int(share * len(faces)), 1))
    strata = _strata(faces)
    if 2 * len(np.unique(strata, axis=0)) <= n or _is_mtfl(faces):
        mask = validation_mask(faces.names, strata, n, seed)
    else:
        hashes = [_hash(seed, str(name)) for name in faces.names]
        order = np.array(sorted(range(len(faces)), key=lambda i: hashes[i]))
        mask = np.zeros(len(faces), bool)
        mask[order] = proportional_mask(_label_columns(faces)[order], n)
    return faces.select(~mask), faces.select(mask)


def split_of(faces: Faces, data: DataSettings) -> tuple[Faces, Faces]:
    """Split faces as `split_faces` does, by the settings of `[data]`."""
    return split_faces(faces, data.validation, share=data.validation_share)


def _is_mtfl(faces: Faces) -> bool:
    """Whether all class tasks are MTFL's; their split must not change."""
    return all(t in MTFL_TASKS for t in faces.tasks if t.kind == "classes")


def _strata(faces: Faces) -> np.ndarray:
    """Return (N, S) integers; faces with equal rows form a stratum."""
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
    """Return (N, L) bool: each class of each task, and its known labels."""
    columns = []
    for task in faces.tasks:
        labels = faces.labels[task.name]
        columns.append(task.is_labelled(labels))
        if task.kind == "classes":
            columns += [labels == k for k in range(task.size)]
    return np.stack(columns, axis=1)


def class_shares(faces: Faces) -> dict[str, dict[str, float]]:
    """Return the frequency of each class, in % of the labelled faces.

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
