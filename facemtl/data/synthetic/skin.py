"""Draw the head's colours without light."""

import cv2
import numpy as np

from facemtl.data.synthetic.eyes import sketch_eyes
from facemtl.data.synthetic.look import Look
from facemtl.data.synthetic.mesh import (
    COLUMNS,
    HEIGHT,
    ROWS,
    WIDTH,
    Wrap,
)
from facemtl.data.synthetic.mouth import sketch_mouth
from facemtl.data.synthetic.paint import (
    Sketch,
    blend,
    curve,
    ellipse,
    mix,
    noise,
)

ALONG = curve(0.0, 1.0)
WIDE = curve(-0.6, 0.6)
BAG = curve(-0.2, 0.2)
TURN = curve(-0.9, 1.3)
BROW = curve(0.0, 1.0, 9)


def paint_skin(rng: np.random.Generator, wrap: Wrap, look: Look) -> np.ndarray:
    """Draw the head without hair: (HEIGHT, WIDTH, 3) uint8."""
    skin = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    skin[:] = np.rint(look.skin)
    if look.beard:
        _paint_beard(rng, skin, wrap, look)
    colours, dark = Sketch(wrap.texels), Sketch(wrap.texels)
    _sketch_wrinkles(dark, wrap, look)
    _sketch_nose(rng, dark, wrap)
    if look.moustache:
        _sketch_moustache(colours, wrap, look)
    sketch_mouth(rng, colours, dark, wrap, look)
    sketch_eyes(rng, colours, dark, wrap, look)
    _sketch_brows(rng, colours, wrap, look)
    colours.draw(skin)
    _darken(skin, dark, wrap, look)
    return skin


def _darken(skin: np.ndarray, dark: Sketch, wrap: Wrap, look: Look) -> None:
    """Blend soft dark lines into the face."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    dark.draw(mask)
    corners = np.array([(-1.0, -1.0), (1.0, float(wrap.head.chin))])
    (left, top), (right, bottom) = wrap.texels(corners).astype(int)
    part = np.s_[top:bottom, left:right]
    skin[part] = cv2.blur(skin[part], (3, 3))
    mask = cv2.convertScaleAbs(cv2.blur(mask[part], (3, 3)), alpha=look.lines)
    mix(skin[part], look.skin * (0.3, 0.21, 0.2), mask)


def pores(rng: np.random.Generator, skin: np.ndarray) -> None:
    """Add blotches and pores in place."""
    shape = (HEIGHT, WIDTH)
    blotches = noise(rng, shape, (16, 16))
    fine = noise(rng, shape, (2, 2))
    a, b = rng.uniform(0.0, 0.06), rng.uniform(0.0, 0.06)
    grey = cv2.addWeighted(
        blotches, a, fine, b, -127 * (a + b), dtype=cv2.CV_8S
    )
    grey = cv2.merge([grey, grey, grey])
    cv2.add(skin, grey, dst=skin, dtype=cv2.CV_8U)


def undertone(rng: np.random.Generator, wrap: Wrap, look: Look) -> np.ndarray:
    """Return (ROWS, COLUMNS, 3) factors for red cheeks, dark rings, stubble."""
    red = Sketch(lambda places: wrap.texels(places) / 2.0)
    dark = Sketch(lambda places: wrap.texels(places) / 2.0)
    head = wrap.head
    flush, rings = rng.uniform(0.0, 130.0), rng.uniform(10.0, 130.0)
    red.both(ellipse(0.55, 0.5, 0.26, 0.18), flush)
    red.fill(ellipse(0.0, head.nose, 0.16, 0.12), flush * rng.random())
    dark.both(ellipse(0.94 * head.eye, -0.03, 0.27, 0.15), rings)
    if look.stubble:
        dark.fill(_jaw(wrap, look), 230.0 * look.stubble)
    masks = np.zeros((2, ROWS, COLUMNS), np.uint8)
    red.draw(masks[0])
    dark.draw(masks[1])
    soft = [cv2.blur(cv2.blur(mask, (5, 5)), (5, 5)) for mask in masks]
    ruddy, shady = np.array(soft, np.float32) / np.float32(255.0)
    pale = 1.0 - np.float32(0.42) * shady
    blue = pale - np.float32(0.26) * ruddy
    return cv2.merge([pale, blue, blue])


def _jaw(wrap: Wrap, look: Look) -> np.ndarray:
    """Return the outline of a beard: from ear to ear, below the nose."""
    width, low = wrap.head.width, wrap.head.mouth - 0.2
    right = np.array(
        [
            (0.3, low - 0.02),
            (0.56 * width, low),
            (0.84 * width, 0.75),
            (0.96 * width, 0.2),
            (width, 0.2),
            (width, wrap.head.chin),
        ]
    )
    return np.concatenate([(right * (-1, 1))[::-1], right])


def _paint_beard(
    rng: np.random.Generator, skin: np.ndarray, wrap: Wrap, look: Look
) -> None:
    strength = look.beard * rng.uniform(0.85, 1.0)
    blend(skin, wrap.texels(_jaw(wrap, look)), look.whiskers, strength, 7)


def _sketch_moustache(colours: Sketch, wrap: Wrap, look: Look) -> None:
    head, end = wrap.head, wrap.head.mouth_width * 1.05
    top = head.nose + 0.2
    lip = np.array(
        [
            (-end, head.mouth + 0.06),
            (-0.15, top),
            (0.15, top),
            (end, head.mouth + 0.06),
            (0.0, head.mouth - 0.07),
        ]
    )
    colours.fill(lip, look.over_skin(look.whiskers, look.moustache))


def _sketch_wrinkles(dark: Sketch, wrap: Wrap, look: Look) -> None:
    """Sketch folds from nose to mouth, bags under the eyes, and wrinkles."""
    head = wrap.head
    fold = 20.0 + 70.0 * look.age + 60.0 * max(float(head.smile), 0.0)
    reach = head.mouth_width * 1.08 - head.nose_width
    bulge = (0.1 * np.sin(np.pi * ALONG) + 0.02) * ALONG
    across = head.nose_width + 0.03 + reach * ALONG + bulge
    down = head.nose + (head.mouth + 0.02 - head.nose) * ALONG
    dark.both(np.stack([across, down], axis=-1), fold, 2.0)
    bag = 0.16 + 0.02 * look.age - BAG**2
    places = np.stack([head.eye + BAG, bag], axis=-1)
    dark.both(places, 25.0 + 80.0 * look.age, 2.0)
    if look.age > 0.35:
        for level in (-0.62, -0.75, -0.88):
            places = np.stack([WIDE, level + 0.06 * WIDE**2], axis=-1)
            dark.line(places, 60.0 * look.age, 1.0)


def _sketch_nose(rng: np.random.Generator, dark: Sketch, wrap: Wrap) -> None:
    """Sketch nostrils, and the creases around the wings of the nose."""
    head, wide = wrap.head, wrap.head.nose_width
    dark.fill(
        ellipse(0.0, head.nose + 0.135, wide, 0.05), rng.uniform(0.0, 70.0)
    )
    wing = np.stack(
        [
            wide * (0.75 + 0.33 * np.cos(TURN)),
            head.nose + 0.05 + 0.1 * np.sin(TURN),
        ],
        axis=-1,
    )
    dark.both(wing, rng.uniform(20.0, 130.0), 1.0)
    high = rng.uniform(0.018, 0.036)
    hole = ellipse(0.44 * wide, head.nose + 0.1, 0.26 * wide, high)
    dark.both(hole, rng.uniform(110.0, 240.0))


def _sketch_brows(
    rng: np.random.Generator, colours: Sketch, wrap: Wrap, look: Look
) -> None:
    arch = rng.uniform(0.02, 0.1) * (1.0 if look.male else 1.3)
    tilt = rng.normal(0.0, 0.045)
    inner, outer = rng.uniform(0.13, 0.24), rng.uniform(0.76, 0.86)
    thick = look.brow_height * (1.0 - 0.6 * BROW**2)
    ridge = wrap.head.brow + 0.05 - arch * np.sin(np.pi * BROW**1.3)
    ridge = ridge + tilt * (0.5 - BROW)
    across = inner + (outer - inner) * BROW
    upper = np.stack([across, ridge - thick], axis=-1)
    lower = np.stack([across, ridge + thick], axis=-1)[::-1]
    shade = look.over_skin(look.brow, look.brow_strength)
    colours.both(np.concatenate([upper, lower]), shade)
