"""Draw the mouth: lips, the gap between them, teeth."""

import numpy as np

from facemtl.data.synthetic.look import Look
from facemtl.data.synthetic.mesh import Wrap
from facemtl.data.synthetic.paint import Sketch, curve, ellipse

ALONG = curve(-1.0, 1.0, 15)  # from corner to corner
ARCH = 1.0 - ALONG**2
BOW = ARCH**0.7 * (1.0 - 0.25 * np.exp(-((ALONG / 0.14) ** 2)))


def sketch_mouth(
    rng: np.random.Generator,
    colours: Sketch,
    dark: Sketch,
    wrap: Wrap,
    look: Look,
) -> None:
    """Sketch a mouth with its corners at the labelled points.

    Args:
        colours: the sketch for lips, teeth and tongue.
        dark: the sketch for the line between the lips and the shadow below.
    """
    upper, lower = _edges(wrap)
    if wrap.head.open > 0.02:
        _gap(rng, colours, wrap, look, upper, lower)
    full = rng.uniform(0.6, 1.3) * (0.85 if look.male else 1.1)
    full *= 1.0 - 0.25 * max(float(wrap.head.smile), 0.0)
    above, below = upper.copy(), lower.copy()
    above[:, 1] -= 0.105 * full * BOW
    below[:, 1] += 0.14 * full * ARCH**0.9
    strength = rng.uniform(0.15, 0.75) if look.male else rng.uniform(0.45, 1.0)
    lip = look.over_skin(look.lip, strength)
    colours.fill(np.concatenate([above, upper[::-1]]), lip * 0.86)
    colours.fill(np.concatenate([lower, below[::-1]]), lip)
    dark.line(below[4:-4] + (0, 0.05), 80.0, 3.0)
    for x, y in (upper[0], upper[-1]):
        fold = ellipse(x + np.sign(x) * 0.035, y + 0.01, 0.06, 0.035)
        dark.fill(fold, rng.uniform(60.0, 170.0))
    dark.line(upper, rng.uniform(130.0, 230.0), rng.uniform(1.0, 2.2))


def _edges(wrap: Wrap) -> tuple[np.ndarray, np.ndarray]:
    """Return the lips' inner edges, (15, 2) places each, corner to corner."""
    head = wrap.head
    across = head.mouth_width * ALONG
    tilt = (head.corner_right - head.corner_left) / 2.0 * ALONG
    corner = (head.corner_left + head.corner_right) / 2.0 + tilt
    upper = corner + (head.mouth - corner) * ARCH
    lower = corner + (head.mouth + head.open - corner) * ARCH**0.8
    return (
        np.stack([across, upper], axis=-1),
        np.stack([across, lower], axis=-1),
    )


def _gap(
    rng: np.random.Generator,
    colours: Sketch,
    wrap: Wrap,
    look: Look,
    upper: np.ndarray,
    lower: np.ndarray,
) -> None:
    """Sketch an open mouth: upper teeth, sometimes lower teeth and tongue."""
    inside = np.array([58.0, 24.0, 22.0]) * rng.uniform(0.5, 1.2)
    white = np.array([238.0, 230.0, 220.0]) * rng.uniform(0.78, 1.0)
    opened = float(wrap.head.open)
    teeth = 1.0 if look.smiling else rng.uniform(0.0, 1.0)
    length = min(opened, 0.16) * teeth
    colours.fill(np.concatenate([upper, lower[::-1]]), inside)
    if opened > 0.2:
        tongue = ellipse(0.0, wrap.head.mouth + opened, 0.22, 0.09)
        colours.fill(tongue, np.array([150.0, 74.0, 70.0]))
    if look.smiling and rng.random() < 0.25:
        row = np.maximum(lower - (0, 0.07), upper)
        colours.fill(np.concatenate([lower, row[::-1]]), white * 0.8)
    if length > 0.02:
        row = np.minimum(upper + (0, length), lower)
        colours.fill(np.concatenate([upper, row[::-1]]), white)
