"""Choose faces so that each of many labels keeps its share."""

import numpy as np

# Of rare labels: sums stay whole numbers that floats hold exactly.
MOST_WEIGHT = 1000.0


def proportional_mask(labels: np.ndarray, n: int) -> np.ndarray:
    """Choose exactly `n` faces in which every label is as frequent as in all.

    With 20 attributes nearly every face is a stratum of its own, of which no
    share can be taken. So faces are chosen one by one: the next is the one
    that brings the counts of all labels closest to their shares, rare labels
    weighted by 1 / (4 p (1 - p)) of their frequency p. Of faces that are
    equally good, the first is taken.

    Iterative stratification (Sechidis, Tsoumakas, Vlahavas, "On the
    Stratification of Multi-label Data", ECML PKDD 2011) has the same aim, but
    looks at one label a time.

    Args:
        labels: (N, L) bool, which labels a face has.
        n: faces to choose, at most N.

    Returns:
        (N,) bool, True for the chosen faces.

    Example:

    >>> labels = np.array([[True, False], [False, True]] * 4)
    >>> labels[proportional_mask(labels, 4)].sum(axis=0).tolist()
    [2, 2]
    """
    total = len(labels)
    has = labels.astype(np.float64)
    counts = has.sum(axis=0)
    weighted = has * _weights(counts, total)
    own = total * weighted.sum(axis=1)
    chosen, mask = np.zeros(has.shape[1]), np.zeros(total, bool)
    for k in range(1, n + 1):
        # Squared distance to the shares, without what all faces have alike.
        cost = 2 * weighted @ (total * chosen - k * counts) + own
        cost[mask] = np.inf
        best = int(cost.argmin())
        mask[best] = True
        chosen += has[best]
    return mask


def _weights(counts: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers, so that sums are exact and alike on every machine."""
    share = counts / max(total, 1)
    spread = np.maximum(4 * share * (1 - share), 1 / MOST_WEIGHT)
    return np.round(1 / spread)
