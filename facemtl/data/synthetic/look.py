"""Random colours and style of one face, which have no labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np

SKINS = np.array(
    [
        (246, 214, 190),
        (236, 196, 166),
        (222, 176, 142),
        (200, 150, 112),
        (160, 112, 78),
        (118, 78, 54),
        (78, 50, 36),
    ],
    float,
)
SKIN_WEIGHTS = np.array((18, 30, 22, 12, 8, 6, 4)) / 100
HAIRS = np.array(
    [
        (24, 20, 18),
        (44, 32, 24),
        (78, 54, 36),
        (122, 84, 52),
        (190, 150, 96),
        (134, 62, 34),
        (172, 170, 168),
    ],
    float,
)
HAIR_WEIGHTS = np.array((28, 24, 18, 10, 9, 3, 8)) / 100
IRISES = np.array([(48, 30, 20), (72, 48, 30), (84, 100, 118), (80, 94, 70)])


@dataclass(frozen=True)
class Look:
    """The appearance of one face; colours are (3,) RGB from 0 to 255."""

    male: bool
    smiling: bool
    skin: np.ndarray
    hair: np.ndarray
    brow: np.ndarray
    whiskers: np.ndarray
    lip: np.ndarray
    iris: np.ndarray
    makeup: float
    age: float
    stubble: float
    moustache: float
    beard: float
    brow_height: float
    brow_strength: float
    eye_height: float
    slant: float
    lid: float
    lines: float
    hairline: float
    fringe: bool
    sides: float
    volume: float
    long: bool
    bald: bool

    def over_skin(self, colour: np.ndarray, strength: float) -> np.ndarray:
        """Blend a share of `colour` into the skin's colour."""
        return self.skin + (colour - self.skin) * strength


def random_look(rng: np.random.Generator, male: bool, smiling: bool) -> Look:
    """Return a random appearance that fits the gender and the smile."""
    skin = _between(SKINS, SKIN_WEIGHTS, rng) + rng.normal(0.0, 5.0, 3)
    skin = skin * (0.96 if male else 1.04)
    dark = skin.mean() < 130
    hair = HAIRS[0] if dark else HAIRS[rng.choice(len(HAIRS), p=HAIR_WEIGHTS)]
    hair = np.clip(hair * rng.uniform(0.75, 1.25), 8, 240)
    brow = np.minimum(hair * rng.uniform(0.5, 0.85), skin * 0.6)
    makeup = 0.0 if male else rng.uniform(0.0, 1.0)
    red = np.array([170, 54, 60]) * rng.uniform(0.6, 1.05)
    natural = skin * (0.86, 0.68, 0.68)
    age = rng.uniform(0.0, 1.0) ** (1.2 if male else 2.5)
    bearded = male and rng.random() < 0.28
    return Look(
        male=male,
        smiling=smiling,
        skin=np.clip(skin, 20, 252),
        hair=hair,
        brow=brow,
        whiskers=np.clip(hair * rng.uniform(0.6, 1.1), 8, 230),
        lip=natural + (red - natural) * makeup * 0.85,
        iris=IRISES[0 if dark else rng.integers(len(IRISES))].astype(float),
        makeup=makeup,
        age=age,
        stubble=rng.uniform(0.05, 0.6) if male else 0.0,
        moustache=rng.uniform(0.4, 0.95) if bearded else 0.0,
        beard=rng.uniform(0.35, 0.9) * (bearded and rng.random() < 0.65),
        brow_height=rng.uniform(0.038, 0.072)
        if male
        else rng.uniform(0.026, 0.058),
        brow_strength=rng.uniform(0.4, 0.9) + 0.1 * makeup,
        eye_height=rng.uniform(0.052, 0.105) * (1.0 - 0.2 * smiling),
        slant=rng.normal(0.012, 0.014),
        lid=rng.uniform(0.1, 0.7),
        lines=rng.uniform(0.4, 1.15),
        **_hair_style(rng, male, age),
    )


def _hair_style(
    rng: np.random.Generator, male: bool, age: float
) -> dict[str, Any]:
    long = bool(rng.random() < (0.04 if male else 0.78))
    return {
        "hairline": rng.normal(-1.08, 0.12) - 0.25 * male * age,
        "fringe": bool(rng.random() < (0.12 if male else 0.3)),
        "sides": rng.uniform(0.72, 1.15) if long else rng.uniform(1.1, 1.4),
        "volume": rng.uniform(0.08, 0.28) if long else rng.uniform(0.03, 0.15),
        "long": long,
        "bald": bool(male and rng.random() < 0.1),
    }


def _between(
    colours: np.ndarray, weights: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Interpolate between two neighbouring colours of a table."""
    i = rng.choice(len(colours), p=weights)
    after = colours[min(i + 1, len(colours) - 1)]
    return colours[i] + (after - colours[i]) * rng.random()
