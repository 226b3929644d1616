"""Crops that are blurred, half covered or no faces, to fit confidence to."""

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


def not_faces(images: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return crops that show at most half of a face.

    Args:
        images: (N, S, S, C) uint8, crops of faces.
        seed: of the random numbers.

    Returns:
        (2 N, S, S, C) uint8: the crops moved by half of their side or more,
        with the edge repeated; and one enlarged corner of each.

    Example:

    >>> not_faces(np.zeros((2, 40, 40, 1), np.uint8)).shape
    (4, 40, 40, 1)
    """
    rng = np.random.default_rng(seed)
    made = [
        change(image, rng) for change in (moved, corner) for image in images
    ]
    return np.reshape(made, (2 * len(images), *images.shape[1:]))


def moved(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an image (S, S, C), uint8, moved out by half of it or more."""
    size = len(image)
    turned = np.rot90(image, int(rng.integers(4)))
    first = int(size * rng.uniform(0.5, 0.8))
    rows = np.minimum(np.arange(first, first + size), size - 1)
    return np.rot90(turned[rows], int(rng.integers(4)))


def corner(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a corner of an image (S, S, C), uint8, at its whole size."""
    size = len(image)
    side = int(size * rng.uniform(0.25, 0.5))
    turned = np.rot90(image, int(rng.integers(4)))
    part = np.ascontiguousarray(turned[:side, :side])
    return cv2.resize(part, (size, size)).reshape(image.shape)


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
