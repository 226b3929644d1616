"""The order of training faces: shuffled epochs, from one source or several."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from facemtl.data.faces import Faces
from facemtl.errors import InputError


class Order:
    """Which faces each batch of a run takes.

    An epoch takes the faces of the main source once. A batch takes a fixed
    number of faces of each source, and a face comes again only after all others
    of its source. So a large further source may take several epochs.

    Args:
        faces: the N training faces.
        shares: share of a batch of each further source. A source of share 0
            has a share of the rest in proportion to its faces.
        batch_size: faces per batch; an incomplete last batch is dropped.
        least: least batches of an epoch; few faces are taken several times.

    Attributes:
        rows: the faces of each source.
        counts: faces of each source in a batch.
        steps: batches of an epoch.

    Raises:
        InputError: for a source without faces.

    Example:

    >>> import facemtl
    >>> from facemtl.data.joined import join_sources
    >>> parts = facemtl.synthetic_faces(90), facemtl.synthetic_faces(300)
    >>> faces = join_sources(parts[0], {"other": parts[1]})
    >>> order = Order(faces, shares=[0.25], batch_size=12)
    >>> order.counts, order.steps
    ((9, 3), 10)
    """

    def __init__(
        self,
        faces: Faces,
        shares: Sequence[float],
        batch_size: int,
        least: int = 1,
    ) -> None:
        self._sources = sources = faces.source_numbers()
        found = range(1 + len(shares))
        self.rows = tuple(np.flatnonzero(sources == k) for k in found)
        sizes = [len(rows) for rows in self.rows]
        if 0 in sizes:
            raise InputError(
                "Expected training faces of each source in data.more. "
                f"Received: {sizes}."
            )
        self.counts = batch_counts(sizes, shares, batch_size)
        self.steps = steps_per_epoch(sizes[0], self.counts[0], least)
        self._times = _times(sizes[0], self.counts[0], least)

    def batches(self, epoch: tf.Tensor, seed: int) -> tf.Tensor:
        """Return the faces of all batches of an epoch: (steps, batch)."""
        parts = [self._main(epoch, seed)]
        parts += [
            self._further(k, epoch, seed) for k in range(1, len(self.rows))
        ]
        return tf.concat(parts, axis=1)

    def often(self) -> np.ndarray | None:
        """Return how often each face is taken, with mean 1; None if equally."""
        if len(self.rows) == 1:
            return None
        sizes = np.array([len(rows) for rows in self.rows])
        often = (np.array(self.counts) / sizes)[self._sources]
        return often / often.mean()

    def _main(self, epoch: tf.Tensor, seed: int) -> tf.Tensor:
        """Return the faces of the main source: (steps, its part of a batch)."""
        n, key = len(self.rows[0]), _key(seed, epoch)
        # A face comes again only after all others.
        order = [
            _shuffled(n, key if i == 0 else tf.random.fold_in(key, i))
            for i in range(self._times)
        ]
        count = min(self.counts[0], n * self._times)
        taken = tf.concat(order, axis=0)[: self.steps * count]
        return tf.reshape(tf.gather(self.rows[0], taken), (self.steps, count))

    def _further(self, k: int, epoch: tf.Tensor, seed: int) -> tf.Tensor:
        """Return the faces of another source: (steps, its part of a batch)."""
        n, count = len(self.rows[k]), self.counts[k]
        wanted = self.steps * count
        start = epoch * wanted
        # The passes over the source that the epoch is a part of.
        first = start // n
        order = [
            _shuffled(n, tf.random.fold_in(_key(seed, first + i), k))
            for i in range(-(-wanted // n) + 1)
        ]
        begin = start - first * n
        taken = tf.concat(order, axis=0)[begin : begin + wanted]
        return tf.reshape(tf.gather(self.rows[k], taken), (self.steps, count))


def _key(seed: int, number: tf.Tensor) -> tf.Tensor:
    return tf.stack([tf.constant(seed, tf.int64), number])


def _shuffled(n: int, key: tf.Tensor) -> tf.Tensor:
    return tf.random.experimental.stateless_shuffle(tf.range(n), key)


def batch_counts(
    sizes: Sequence[int], shares: Sequence[float], batch_size: int
) -> tuple[int, ...]:
    """Return how many faces of each source a batch takes.

    Args:
        sizes: faces of each source, the main one first.
        shares: share of a batch of each further source, 0 for one in
            proportion to its faces.
        batch_size: faces per batch.

    Returns:
        Numbers from 1 that add up to the batch size.

    Raises:
        InputError: for more sources than faces in a batch.

    Example:

    >>> batch_counts([9000, 30000], [0.25], 32)
    (24, 8)
    >>> batch_counts([9000, 27000], [0], 32)
    (8, 24)
    """
    if not shares:
        return (batch_size,)
    free = [0] + [k for k, share in enumerate(shares, 1) if not share]
    rest, faces = 1 - sum(shares), sum(sizes[k] for k in free)
    wanted = [
        rest * sizes[k] / faces if k in free else shares[k - 1]
        for k in range(len(sizes))
    ]
    counts = [max(round(batch_size * share), 1) for share in wanted]
    # Rounding changes the largest part, the least in proportion.
    counts[counts.index(max(counts))] += batch_size - sum(counts)
    if min(counts) < 1:
        raise InputError(
            f"Expected train.batch_size of {len(sizes)} or more, since each "
            f"batch has faces of {len(sizes)} sources. Received: {batch_size}."
        )
    return tuple(counts)


def steps_per_epoch(faces: int, batch_size: int, least: int = 1) -> int:
    """Return the number of batches in one training epoch.

    Example:

    >>> steps_per_epoch(9000, 32), steps_per_epoch(5, 32)
    (281, 1)
    >>> steps_per_epoch(100, 32, least=25)
    25
    """
    return max(faces * _times(faces, batch_size, least) // batch_size, 1)


def _times(faces: int, batch_size: int, least: int) -> int:
    """Return how often an epoch takes each face."""
    if max(faces // batch_size, 1) >= least:
        return 1
    return -(-least * batch_size // faces)
