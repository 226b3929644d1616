"""Crops inside a TensorFlow graph, from a photo and boxes.

Crops at prediction must equal those of training to a fraction of a grey level.
Gathers and bilinear weights are exact; TensorFlow's `crop_and_resize` and
resizing sample at other positions.
"""

import tensorflow as tf

from facemtl.geometry.crops import SAMPLES, CropSpec
from facemtl.geometry.reference import GRAY


def square_windows(boxes: tf.Tensor, margin: float) -> tf.Tensor:
    """Return windows (N, 3) of boxes (N, 4), as in `facemtl.geometry.crops`."""
    low, high = boxes[:, :2], boxes[:, 2:]
    side = tf.reduce_max(high - low, axis=1, keepdims=True) * (1 + 2 * margin)
    return tf.concat([(low + high - side) / 2, side], axis=1)


def crop_windows(
    photo: tf.Tensor, windows: tf.Tensor, spec: CropSpec
) -> tf.Tensor:
    """Crop windows of a photo, like `facemtl.geometry.crops.crop`.

    Args:
        photo: (H, W, 3) uint8, RGB.
        windows: (N, 3) float32: left, top, side in pixels.
        spec: size and color of the crops.

    Returns:
        (N, S, S, 1 or 3) float32, integers from 0 to 255.
    """
    n = spec.size * SAMPLES
    height, width = tf.shape(photo)[0], tf.shape(photo)[1]
    top, down, lower = _places(windows[:, 1], windows[:, 2], n, height)
    left, across, right = _places(windows[:, 0], windows[:, 2], n, width)
    pixels = tf.reshape(photo, (-1, 3))

    def at(rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
        index = rows[:, :, None] * width + columns[:, None, :]
        return _colors(tf.gather(pixels, index), spec.color)

    down, across = down[:, :, None, None], across[:, None, :, None]
    upper = at(top, left) * (1 - across) + at(top, right) * across
    under = at(lower, left) * (1 - across) + at(lower, right) * across
    fine = upper * (1 - down) + under * down
    shape = (-1, spec.size, SAMPLES, spec.size, SAMPLES, spec.shape[2])
    return tf.round(tf.reduce_mean(tf.reshape(fine, shape), axis=(2, 4)))


def to_photo(points: tf.Tensor, windows: tf.Tensor) -> tf.Tensor:
    """Convert points (N, P, 2) from window units to photo pixels."""
    return points * windows[:, None, 2:] + windows[:, None, :2]


def _places(
    start: tf.Tensor, side: tf.Tensor, n: int, length: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return (N, n) pixels around each sample, and the second one's weight."""
    step = (tf.range(n, dtype=tf.float32) + 0.5) / n
    at = start[:, None] + step * side[:, None]
    at = tf.clip_by_value(at, 0.0, tf.cast(length - 1, tf.float32))
    low = tf.cast(at, tf.int32)
    return low, at - tf.cast(low, tf.float32), tf.minimum(low + 1, length - 1)


def _colors(pixels: tf.Tensor, color: str) -> tf.Tensor:
    values = tf.cast(pixels, tf.float32)
    if color == "rgb":
        return values
    gray = tf.reduce_sum(
        values * tf.constant(GRAY, tf.float32), axis=-1, keepdims=True
    )
    return tf.floor(gray / 2**15 + 0.5)
