"""The definition of a crop in plain NumPy: clear, exact and slow.

`facemtl.geometry.crops.crop` is the fast version. TensorFlow (SavedModel,
augmentation), the web page and the standalone app have implementations that do
not use facemtl. `tests/test_crop_cases.py` compares all with this definition.
"""

import numpy as np

from facemtl.geometry.crops import SAMPLES, to_photo
from facemtl.geometry.sampling import rotated_samples

# 0.299, 0.587 and 0.114 in 15 bits: gray is an integer, as in OpenCV.
GRAY = (9798, 19235, 3735)


def sample_places(
    window: np.ndarray, size: int, samples: int = SAMPLES, degrees: float = 0.0
) -> np.ndarray:
    """Return the positions of a crop's samples in its photo.

    Args:
        window: (3,) left, top, side in pixels.
        size: width and height of the crop in pixels.
        samples: samples per crop pixel and axis.
        degrees: clockwise rotation of the window round its centre.

    Returns:
        (n, n, 2) float64 with n = size * samples: x, y in pixels, by rows.

    Example:

    >>> sample_places(np.array([10.0, 20.0, 8.0]), 2, samples=1)[0].tolist()
    [[12.0, 22.0], [16.0, 22.0]]
    """
    n = size * samples
    units = (np.arange(n) + 0.5) / n
    grid = np.stack(np.meshgrid(units, units), axis=-1).reshape(1, -1, 2)
    windows = np.asarray(window, np.float64)[None]
    return to_photo(grid, windows, degrees).reshape(n, n, 2)


def sample(pixels: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return bilinear samples of a photo, with its edge pixels repeated.

    Args:
        pixels: (H, W, C) numbers.
        places: (..., 2) x, y in pixels.

    Returns:
        (..., C) float64.

    Example:

    >>> sample(np.array([[[0], [8]]]), np.array([[0.25, 0.0], [5.0, 5.0]]))
    array([[2.],
           [8.]])
    """
    last = np.array(pixels.shape[1::-1]) - 1
    at = np.clip(places, 0, last)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, last)
    (left, top), (right, bottom) = np.moveaxis(np.stack([low, high]), -1, 1)
    across, down = np.moveaxis(at - low, -1, 0)[..., None]
    upper = pixels[top, left] * (1 - across) + pixels[top, right] * across
    lower = pixels[bottom, left] * (1 - across) + pixels[bottom, right] * across
    return upper * (1 - down) + lower * down


def reference_crop(
    photo: np.ndarray,
    window: np.ndarray,
    size: int,
    color: str = "gray",
    samples: int = SAMPLES,
    degrees: float = 0.0,
) -> np.ndarray:
    """Return the crop of a window before rounding.

    Args: see `facemtl.geometry.crops.crop`.

    Returns:
        (size, size, 1 or 3) float64, 0 to 255.

    Example:

    >>> photo = np.full((50, 50, 3), 7, np.uint8)
    >>> reference_crop(photo, np.array([5.0, 5.0, 20.0]), 8, degrees=30.0).max()
    np.float64(7.0)
    """
    if degrees:
        samples = rotated_samples(float(window[2]), size, samples)
    pixels = photo.astype(np.int64)
    if color == "gray":
        pixels = (pixels @ GRAY + 2**14 >> 15)[..., None]
    fine = sample(pixels, sample_places(window, size, samples, degrees))
    parts = fine.reshape(size, samples, size, samples, -1)
    return parts.mean(axis=(1, 3))
