"""Parameters and multiply-adds against a count by hand."""

import pytest

from facemtl.models import FaceNetwork
from facemtl.models.cost import multiply_adds, parameters
from facemtl.tasks import LANDMARKS, SMILE

# TCDCN: side and channels after, kernel and channels before each convolution.
CONVS = ((36, 16, 5, 1), (16, 48, 3, 16), (6, 64, 3, 48), (2, 64, 2, 64))


def by_hand() -> tuple[int, int]:
    """(parameters, multiply-adds) of the convolutions and FC layers."""
    kernels = [c * k * k * before for _, c, k, before in CONVS]
    adds = sum(s * s * n for (s, *_), n in zip(CONVS, kernels, strict=True))
    dense = 2 * 2 * 64 * 100 + 100 * 10
    scales = sum(2 * c for _, c, _, _ in CONVS)  # of normalization
    return sum(kernels) + scales + dense + 110, adds + dense


def test_single_network():
    network = FaceNetwork((LANDMARKS,), architecture="single")
    known, adds = by_hand()
    assert parameters(network) == known
    # Activations, pooling and normalization count too.
    assert adds < multiply_adds(network) < 1.02 * adds


def test_weight_regularization_costs_nothing_in_an_app():
    tasks = (LANDMARKS, SMILE)
    plain, regularized = (
        FaceNetwork(
            tasks,
            architecture="cross_stitch",
            weight_regularization={"form": form, "layers": "all"},
        )
        for form in ("none", "l2")
    )
    assert multiply_adds(plain) == multiply_adds(regularized)
    assert parameters(regularized) == parameters(plain) + 2 * 5  # a and b
    single = FaceNetwork((LANDMARKS,), architecture="single")
    assert multiply_adds(plain) == pytest.approx(
        2 * multiply_adds(single), rel=0.02
    )
