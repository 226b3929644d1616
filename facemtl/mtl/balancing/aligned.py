"""Gradients made orthogonal and of one length."""

from typing import Any

from keras import ops

from facemtl.mtl.balancing.base import Balancing, normalized

# Share of the largest eigenvalue below which one counts as zero.
RANK = 1e-6


class AlignedMTL(Balancing):
    """Aligned-MTL: d = Σ ĝ_k, the gradients with equal singular values.

    With the Gram matrix V Λ Vᵀ, w = √λ_min V Λ^(-1/2) Vᵀ 1, where λ_min is
    the smallest eigenvalue that is not zero, and zero ones are left out.

    Args: see `Balancing`.

    Example: orthogonal gradients get the length of the shorter one.

    >>> gram = ops.array([[1.0, 0.0], [0.0, 4.0]])
    >>> [round(float(w), 2) for w in AlignedMTL(2).weights_of(gram, None)]
    [1.0, 0.5]

    Reference: Senushkin et al., "Independent Component Alignment for
    Multi-Task Learning", CVPR 2023, arXiv:2305.19000, equation 14.
    """

    def weights_of(self, gram: Any, losses: Any) -> Any:
        values, vectors = ops.eigh(normalized(gram))
        real = values > RANK * ops.max(values)
        least = ops.min(ops.where(real, values, 1.0))
        ratio = ops.sqrt(least / ops.where(real, values, 1.0))
        scale = ops.where(real, ratio, 0.0)
        return ops.matmul(vectors * scale, ops.sum(vectors, axis=0))
