"""Blurred and half covered crops, on which confidence is fitted and scored."""

import cv2
import numpy as np

# Standard deviations of the blur, as shares of the crop.
BLUR = (0.0125, 0.05)
COVER = (0.2, 0.55)  # shares of the crop


def perturbed(images: np.ndarray, seed: int = 0) -> list[np.ndarray]:
    """Return blurred and half covered copies of crops.

    Args:
        images: (N, S, S, C) uint8.
        seed: of the random numbers.

    Returns:
        The crops with a Gaussian blur, and with one side covered by a plain
        color or noise, each (N, S, S, C) uint8.

    Example:

    >>> blurred, covered = perturbed(np.zeros((2, 40, 40, 1), np.uint8))
    >>> blurred.shape, covered.shape
    ((2, 40, 40, 1), (2, 40, 40, 1))
    """
    rng = np.random.default_rng(seed)
    return [
        np.reshape([blur(image, rng) for image in images], images.shape),
        np.reshape([cover(image, rng) for image in images], images.shape),
    ]


def blur(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an image (S, S, C), uint8, with a random blur."""
    sigma = len(image) * rng.uniform(*BLUR)
    return cv2.GaussianBlur(image, (0, 0), sigma).reshape(image.shape)


def cover(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an image (S, S, C), uint8, with a random side covered."""
    covered = image.copy()
    turned = np.rot90(covered, int(rng.integers(4)))  # a view, no copy
    part = turned[: int(len(image) * rng.uniform(*COVER))]
    plain = rng.random() < 0.5
    part[:] = rng.integers(0, 256, (1, 1, 1) if plain else part.shape)
    return covered
