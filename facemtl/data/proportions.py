"""Choose faces so that each label keeps its frequency."""

import numpy as np

# Limits the weight of rare labels, so that sums are exact in float64.
MOST_WEIGHT = 1000.0


def proportional_mask(labels: np.ndarray, n: int) -> np.ndarray:
    """Choose exactly `n` faces that keep the frequency of every label.

    With 20 attributes, nearly every face is a stratum by itself, and strata
    cannot be divided in proportion. Instead, faces are chosen one by one: the
    next face brings the counts of all labels closest to their shares. A label
    with frequency p is weighted by 1 / (4 p (1 - p)), so that rare labels
    count more. The first of equally good faces is chosen.

    Iterative stratification (Sechidis, Tsoumakas, Vlahavas, "On the
    Stratification of Multi-label Data", ECML PKDD 2011) has the same aim, but
    considers one label at a time.

    Args:
        labels: (N, L) bool, True where a face has a label.
        n: number of faces to choose, at most N.

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
        # Squared distance to the shares, without the terms common to all faces.
        cost = 2 * weighted @ (total * chosen - k * counts) + own
        cost[mask] = np.inf
        best = int(cost.argmin())
        mask[best] = True
        chosen += has[best]
    return mask


def _weights(counts: np.ndarray, total: int) -> np.ndarray:
    """Return integer weights, so that sums are equal on every machine."""
    share = counts / max(total, 1)
    spread = np.maximum(4 * share * (1 - share), 1 / MOST_WEIGHT)
    return np.round(1 / spread)
