"""Draw eyes: ball, iris, lids, lashes."""

import numpy as np

from facemtl.data.synthetic.look import Look
from facemtl.data.synthetic.mesh import Wrap
from facemtl.data.synthetic.paint import Sketch, curve, ellipse

IRIS = 0.095  # radius
ALONG = curve(-1.0, 1.0, 11)  # from the nose outwards
ARCH = (1.0 - np.abs(ALONG) ** 2.2) ** 0.8
PUPIL = np.array([12.0, 10.0, 10.0])
GLINT = np.array([250.0, 250.0, 250.0])


def sketch_eyes(
    rng: np.random.Generator,
    colours: Sketch,
    dark: Sketch,
    wrap: Wrap,
    look: Look,
) -> None:
    """Sketch both eyes, with the pupils at the labelled points.

    Args:
        colours: the sketch for the balls and the lids.
        dark: the sketch for lashes and creases.
    """
    closed = rng.random() < 0.04
    high = look.eye_height * (0.08 if closed else 1.0)
    wide = rng.uniform(0.21, 0.26)
    upper, lower = _lids(wrap, look, wide, high)
    white = np.array([226.0, 220.0, 216.0]) * rng.uniform(0.55, 1.0)
    colours.both(np.concatenate([upper, lower[::-1]]), white)
    glint = rng.normal(0.0, 0.035, 2) - (0.0, 0.02)
    shiny = rng.random() < 0.7
    for side in (-1, 1):
        x = side * wrap.head.eye + wrap.head.gaze_x
        _iris(colours, look, x, wrap.head.gaze_y)
        if shiny:
            x, y = x + glint[0], wrap.head.gaze_y + glint[1]
            colours.fill(ellipse(x, y, 0.024, 0.024), GLINT)
    _cover(colours, look, upper, lower)
    _lashes(dark, look, upper, lower)


def _lids(
    wrap: Wrap, look: Look, wide: float, high: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges of the right eye's lids, (11, 2) places each."""
    across = wrap.head.eye + wide * ALONG
    slant = -look.slant * ALONG
    upper = np.stack([across, slant - 1.06 * high * ARCH], axis=-1)
    lower = np.stack([across, slant + 0.99 * high * ARCH], axis=-1)
    return upper, lower


def _iris(colours: Sketch, look: Look, x: float, y: float) -> None:
    colours.fill(ellipse(x, y, IRIS, IRIS), look.iris * 0.55)
    colours.fill(ellipse(x, y, 0.8 * IRIS, 0.8 * IRIS), look.iris)
    colours.fill(ellipse(x, y, 0.42 * IRIS, 0.42 * IRIS), PUPIL)


def _cover(
    colours: Sketch, look: Look, upper: np.ndarray, lower: np.ndarray
) -> None:
    """Cover the part of the iris that the lids hide."""
    tint = look.skin * (0.62, 0.5, 0.52)
    lid = look.over_skin(tint, look.lid + 0.3 * look.makeup)
    above = np.concatenate([upper - (0, 0.11), upper[::-1]])
    below = np.concatenate([lower, lower[::-1] + (0, 0.07)])
    colours.both(above, lid)
    colours.both(below, look.skin * 0.93)


def _lashes(
    dark: Sketch, look: Look, upper: np.ndarray, lower: np.ndarray
) -> None:
    dark.both(lower + (0, 0.05), 80.0, 1.0)
    dark.both(lower, 90.0 + 90.0 * look.makeup, 1.0)
    dark.both(upper[1:-1] - (0, 0.055), 130.0, 1.0)
    dark.both(upper + (0, 0.02), 120.0, 2.0)
    tail = np.stack([upper[-2], upper[-1], upper[-1] + (0.07, 0.03)])
    dark.both(tail, 150.0, 1.5)
    dark.both(upper, 225.0, 1.2 + 1.6 * look.makeup)
