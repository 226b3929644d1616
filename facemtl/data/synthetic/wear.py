"""Draw glasses and hats."""

from dataclasses import dataclass

import numpy as np

from facemtl.data.synthetic.head import project
from facemtl.data.synthetic.paint import CIRCLE, blend
from facemtl.data.synthetic.scene import Sitter

SKY = np.array([235.0, 240.0, 248.0])
HALF_TURN = np.linspace(-np.pi / 2, np.pi / 2, 15)


@dataclass(frozen=True)
class Frame:
    """A pair of glasses; lengths are in units, colours (3,) RGB.

    Attributes:
        wide, high: half the width and height of a lens.
        square: 2 for round lenses, more for square ones.
        low: distance of the lenses below the eyes.
        plane: z of the middle of the lenses.
        thick: thickness of the frame in pixels.
        opaque: 0 for clear lenses, 1 for black ones.
        shine: strength of the sky's reflection.
    """

    wide: float
    high: float
    square: float
    low: float
    plane: float
    thick: float
    colour: np.ndarray
    lens: np.ndarray
    opaque: float
    shine: float


def paint_glasses(
    rng: np.random.Generator, photo: np.ndarray, sitter: Sitter
) -> None:
    """Paint a frame with two lenses: clear, tinted or dark."""
    frame = _random_frame(rng, sitter)
    eye = sitter.head.eye * 1.02
    for side in (-1, 1):
        rim = _rim(frame, side * eye)
        places, _ = project(sitter.view, rim)
        shadow = places + (0, 1.5 * frame.thick)
        blend(photo, shadow, np.zeros(3), 0.12, 3, frame.thick)
        blend(photo, places, frame.lens, frame.opaque)
        _reflect(rng, photo, places, frame.shine)
        _wire(photo, np.concatenate([places, places[:1]]), frame)
        _paint_temple(photo, sitter, frame, rim, side)
    inner = eye - frame.wide
    ends = [(x, frame.low - 0.06, frame.plane) for x in (-inner, inner)]
    middle = (0.0, frame.low - 0.12, frame.plane + 0.1)
    bridge = np.array([ends[0], middle, ends[1]])
    _wire(photo, project(sitter.view, bridge)[0], frame)


def _random_frame(rng: np.random.Generator, sitter: Sitter) -> Frame:
    colour = rng.choice([20.0, 50.0, 120.0, 190.0]) * rng.uniform(0.7, 1.2, 3)
    tint = rng.choice(3, p=[0.76, 0.08, 0.16])
    return Frame(
        wide=rng.uniform(0.3, 0.41),
        high=rng.uniform(0.17, 0.31),
        square=rng.uniform(2.0, 5.0),
        low=rng.uniform(-0.02, 0.1),
        plane=sitter.head.depth + rng.uniform(0.02, 0.1),
        thick=sitter.view.scale * rng.uniform(0.012, 0.07),
        colour=np.clip(colour, 0, 255),
        lens=rng.uniform(5, 60, 3),
        opaque=(0.04, 0.45, 0.93)[tint],
        shine=rng.uniform(0.0, 0.7) * (rng.random() < 0.4),
    )


def _wire(photo: np.ndarray, places: np.ndarray, frame: Frame) -> None:
    """Draw a line as thick as the frame; a line below a pixel is fainter."""
    strength, width = min(frame.thick, 1.0), max(frame.thick, 1.0)
    blend(photo, places, frame.colour, strength, width=width)


def _rim(frame: Frame, x: float) -> np.ndarray:
    """Return a rounded rectangle that is bent around the face: (16, 3)."""
    ring = np.sign(CIRCLE) * np.abs(CIRCLE) ** (2.0 / frame.square)
    across, down = x + frame.wide * ring[:, 0], frame.high * ring[:, 1]
    ahead = frame.plane - 0.35 * across**2
    return np.stack([across, frame.low + down, ahead], axis=-1)


def _reflect(
    rng: np.random.Generator,
    photo: np.ndarray,
    places: np.ndarray,
    strength: float,
) -> None:
    """Paint the sky's reflection in a lens."""
    if strength > 0.0:
        middle = places.mean(axis=0)
        patch = (places - middle) * rng.uniform(0.2, 0.75, 2)
        patch += middle + rng.normal(0.0, 0.1, 2) * np.ptp(places, axis=0)
        blend(photo, patch, SKY, strength, 3)


def _paint_temple(
    photo: np.ndarray,
    sitter: Sitter,
    frame: Frame,
    rim: np.ndarray,
    side: int,
) -> None:
    """Paint the arm to the ear, unless hair or head hide it."""
    if sitter.look.long or side * sitter.view.yaw > 0.1:
        return
    width = side * sitter.head.width
    hinge = rim[np.argmax(side * rim[:, 0])]
    bend, ear = (0.98 * width, -0.05, 0.7), (1.01 * width, -0.05, 0.1)
    places, _ = project(sitter.view, np.stack([hinge, bend, ear]))
    _wire(photo, places, frame)


def paint_hat(
    rng: np.random.Generator, photo: np.ndarray, sitter: Sitter
) -> None:
    """Paint a cap, a brimmed hat or a woollen hat over the hair."""
    low = rng.uniform(-0.85, -0.6)
    colour = rng.uniform(10, 230) + rng.normal(0, 20, 3)
    colour = np.clip(colour * sitter.bright, 0, 255)
    dome, band = _hat(sitter, low)
    places, _ = project(sitter.view, np.concatenate([dome, band[::-1]]))
    blend(photo, places, colour)
    reach = rng.choice([0.0, 0.35, 0.7])
    rise = np.cos(HALF_TURN)
    edge = band * (1.0 + 0.25 * (reach > 0.5), 1.0, 1.0)
    edge[:, 1] += 0.18 * rise * (reach > 0.0)
    edge[:, 2] += reach * rise
    places, _ = project(sitter.view, np.concatenate([band, edge[::-1]]))
    shadow = places + (0, 0.14 * sitter.view.scale)
    blend(photo, shadow, np.zeros(3), 0.35, 5)
    blend(photo, places, colour * 0.75)


def _hat(sitter: Sitter, low: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the hat's outline and its lower edge, (15, 3) each."""
    wide, rise = sitter.head.width + 0.1, np.cos(HALF_TURN)
    across = wide * np.sin(HALF_TURN)
    top = sitter.head.crown - 0.25
    dome = [across, low + (top - low) * rise**0.6, 0.4 * rise]
    band = [across, low + 0.05 * rise, (sitter.head.depth + 0.08) * rise]
    return np.stack(dome, axis=-1), np.stack(band, axis=-1)
