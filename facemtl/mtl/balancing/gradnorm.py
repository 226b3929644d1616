"""Weights learned so that tasks train at one speed."""

from typing import Any

from keras import ops

from facemtl.arguments import checked_number
from facemtl.mtl.balancing.base import TINY, Balancing, active


class GradNorm(Balancing):
    """GradNorm: d = Σ w_k g_k, with w that make ‖w_k g_k‖ = n̄ r_k^α.

    n̄ is the mean of ‖w_k g_k‖, and r_k the task's loss as a share of its first
    loss, divided by the mean of the shares. After each step, w descends along
    the slope of Σ |‖w_k g_k‖ - n̄ r_k^α| / n̄, with n̄ r_k^α held constant, and
    is scaled to Σ w = K. The division by n̄ is ours: with it, `rate` does not
    depend on the losses' scale. The norms are over all shared weights; the
    paper takes those of the last shared layer.

    Args: those of `Balancing`, and
        alpha: α, at least 0.
        rate: learning rate of w, at least 0.

    Raises:
        ValueError: for numbers out of range.

    Example: the task with the longer gradient loses weight.

    >>> norm = GradNorm(2, rate=0.1)
    >>> gram, losses = ops.array([[1.0, 0.0], [0.0, 4.0]]), ops.ones(2)
    >>> for _ in range(2):
    ...     w = norm.weights_of(gram, losses)
    >>> float(w[0]) > 1 > float(w[1])
    True

    Reference: Chen et al., "GradNorm: Gradient Normalization for Adaptive Loss
    Balancing in Deep Multitask Networks", ICML 2018, arXiv:1711.02257,
    equation 2 and algorithm 1.
    """

    scales_own = True

    def __init__(
        self,
        tasks: int,
        alpha: float = 1.5,
        rate: float = 0.025,
        **kwargs: Any,
    ) -> None:
        super().__init__(tasks, **kwargs)
        self.alpha = checked_number("alpha >= 0", alpha, lambda x: x >= 0)
        self.rate = checked_number("rate >= 0", rate, lambda x: x >= 0)
        names = {"task_weights": "ones", "first_losses": "zeros"}
        self.task_weights, self.first_losses = (
            self.add_weight(
                name=name, shape=(tasks,), initializer=start, trainable=False
            )
            for name, start in names.items()
        )

    def weights_of(self, gram: Any, losses: Any) -> Any:
        mask = active(gram)
        count = ops.maximum(ops.sum(mask), 1.0)
        first = ops.convert_to_tensor(self.first_losses)
        # The first loss of a task that begins later is its own.
        first = ops.where(ops.logical_and(first == 0, mask > 0), losses, first)
        w = 1.0 * ops.convert_to_tensor(self.task_weights)
        norms = ops.sqrt(ops.maximum(ops.diagonal(gram), TINY))
        mean = ops.maximum(ops.sum(w * norms * mask) / count, TINY)
        share = losses / ops.where(first == 0, 1.0, first)
        speed = share / ops.maximum(ops.sum(share * mask) / count, TINY)
        target = mean * ops.power(ops.maximum(speed, TINY), self.alpha)
        slope = ops.sign(w * norms - target) * norms / mean
        new = ops.maximum(w - self.rate * slope * mask, 1e-3)
        # Tasks without a gradient keep their weights.
        sum_now = ops.sum(w * mask)
        scale = sum_now / ops.maximum(ops.sum(new * mask), TINY)
        self.task_weights.assign(ops.where(mask > 0, new * scale, w))
        self.first_losses.assign(first)
        return w
