"""Read splits from the names of files and folders."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

_WORDS = {
    **dict.fromkeys(("train", "trainset", "training"), "train"),
    **dict.fromkeys(("val", "valset", "valid", "validation"), "val"),
    **dict.fromkeys(("test", "testset", "testing"), "test"),
}


def named_split(words: Iterable[str]) -> str:
    """Return the only split among some words; "" if there is none or several.

    Example:

    >>> named_split(["helen", "trainset"]), named_split(["train", "test"])
    ('train', '')
    """
    found = {_WORDS[word] for word in map(str.lower, words) if word in _WORDS}
    return found.pop() if len(found) == 1 else ""


def file_splits(stems: Sequence[str]) -> list[str]:
    """Return the splits in the names of files, if there are several splits.

    Returns:
        One split per file. All are "" if the files have one split only.

    Example:

    >>> file_splits(["keypoints_train2017", "keypoints_val2017"])
    ['train', 'val']
    >>> file_splits(["keypoints_train2017"])
    ['']
    """
    found = [named_split(re.split(r"[^a-z]+", stem.lower())) for stem in stems]
    several = all(found) and len(set(found)) > 1
    return found if several else [""] * len(stems)


def split_column(splits: Sequence[str]) -> np.ndarray | None:
    """Return the faces' splits (N,); None if a face has no split."""
    return np.array(splits) if len(splits) and all(splits) else None
