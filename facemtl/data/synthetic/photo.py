"""Apply the effects of a camera and of JPEG compression to a picture."""

import cv2
import numpy as np


def develop(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Apply exposure, colour cast, blur, noise and JPEG compression."""
    photo = _expose(rng, picture)
    photo = _defocus(rng, photo)
    photo = _grain(rng, photo)
    if rng.random() < 0.5:
        photo = _jpeg(photo, int(rng.integers(25, 95)))
    return photo


def _expose(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Apply gamma, contrast and cast per channel; sometimes make it grey."""
    grey = np.linspace(0.0, 1.0, 256)
    gamma = np.exp(rng.normal(-0.05, 0.22))
    gain = np.exp(rng.normal(0.0, 0.17))
    lift = rng.normal(0.0, 0.05)
    table = np.empty((256, 3))
    for i in range(3):
        cast = np.exp(rng.normal(0.0, 0.06))
        table[:, i] = (grey**gamma - 0.5) * gain * cast + 0.5 + lift
    table = np.clip(table * 255.0, 0, 255).astype(np.uint8)
    photo = cv2.LUT(picture, table[None])
    colourful = rng.uniform(0.4, 1.25) if rng.random() > 0.05 else 0.0
    return _saturate(photo, colourful)


def _saturate(photo: np.ndarray, amount: float) -> np.ndarray:
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    grey = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(photo, amount, grey, 1.0 - amount, 0.0)


def _defocus(rng: np.random.Generator, photo: np.ndarray) -> np.ndarray:
    """Blur by focus and low resolution, sometimes by motion along a line."""
    size = photo.shape[0]
    amount = size / 160.0 * rng.uniform(0.0, 1.0) ** 2 * 2.2
    if amount > 0.3:
        photo = cv2.GaussianBlur(photo, (0, 0), amount)
    if rng.random() < 0.06:
        length = 2 * int(size * rng.uniform(0.01, 0.03)) + 1
        kernel = (length, 1) if rng.random() < 0.5 else (1, length)
        photo = cv2.blur(photo, kernel)
    return photo


def _grain(rng: np.random.Generator, photo: np.ndarray) -> np.ndarray:
    strength = rng.uniform(0.0, 1.0) ** 2 * 10.0
    height, width = photo.shape[:2]
    grain = np.frombuffer(rng.bytes(height * width), np.int8)
    grain = grain.reshape(height, width)
    grain = cv2.multiply(grain, strength / 74.0, dtype=cv2.CV_8S)
    return cv2.add(photo, cv2.merge([grain] * 3), dtype=cv2.CV_8U)


def _jpeg(photo: np.ndarray, quality: int) -> np.ndarray:
    """Apply the losses of JPEG compression."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    _, coded = cv2.imencode(".jpg", photo, options)
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))
