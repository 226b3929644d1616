"""Draw the photo of one face from its parameters."""

import cv2
import numpy as np

from facemtl.data.synthetic.draws import stream
from facemtl.data.synthetic.hair import grow_hair, raise_hair
from facemtl.data.synthetic.head import Head, View
from facemtl.data.synthetic.light import Light, random_light, shade
from facemtl.data.synthetic.look import random_look
from facemtl.data.synthetic.mesh import HEIGHT, WIDTH, Wrap, normals, see
from facemtl.data.synthetic.obstacles import paint_obstacle
from facemtl.data.synthetic.paint import mix
from facemtl.data.synthetic.photo import develop
from facemtl.data.synthetic.sample import Traits, people
from facemtl.data.synthetic.scene import (
    Sitter,
    background,
    paint_body,
    paint_ear,
)
from facemtl.data.synthetic.skin import paint_skin, pores, undertone
from facemtl.data.synthetic.wear import paint_glasses, paint_hat

HALF = 128.0  # The byte that stands for a light of 1.


def draw_face(seed: int, index: int, size: int) -> np.ndarray:
    """Draw face `index` of `seed`: (size, size, 3) uint8, RGB.

    Example:

    >>> draw_face(0, 5, 96).shape
    (96, 96, 3)
    """
    person = people(seed, [index], size)
    head, view = person.head.one(0), person.view.one(0)
    rng = stream(seed, index, part=1)
    return develop(rng, picture(rng, head, view, person.traits.one(0), size))


def picture(
    rng: np.random.Generator, head: Head, view: View, traits: Traits, size: int
) -> np.ndarray:
    """Draw the scene from back to front, without effects of the camera."""
    look = random_look(rng, bool(traits.male), bool(traits.smiling))
    light = random_light(rng)
    sitter = Sitter(head, view, look, light.on_body())
    photo = background(rng, size)
    paint_body(rng, photo, sitter)
    near = -1 if view.yaw > 0 else 1
    turned = abs(view.yaw) > 0.25
    paint_ear(photo, sitter, -near)
    if not turned:
        paint_ear(photo, sitter, near)
    _paint_head(rng, photo, sitter, light)
    if turned:
        paint_ear(photo, sitter, near)
    if traits.glasses:
        paint_glasses(rng, photo, sitter)
    if rng.random() < 0.07:
        paint_hat(rng, photo, sitter)
    if rng.random() < 0.12:
        paint_obstacle(rng, photo, sitter)
    return photo


def _paint_head(
    rng: np.random.Generator, photo: np.ndarray, sitter: Sitter, light: Light
) -> None:
    """Paint skin and hair, light and rotate them, and blend them in."""
    view, look, wrap = sitter.view, sitter.look, Wrap(sitter.head)
    skin = paint_skin(rng, wrap, look)
    pores(rng, skin)
    tone = undertone(rng, wrap, look)
    hair = grow_hair(rng, skin, wrap, look)
    vertices = raise_hair(wrap.vertices(), hair, look.volume)
    facing = normals(vertices)
    factor, gleam = shade(light, view, vertices, facing)
    lit = _apply_light(skin, factor * tone, gleam)
    seen = see(view, vertices, facing, photo.shape[0])
    shown = cv2.remap(
        lit,
        seen.column,
        seen.row,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mix(photo, shown, seen.cover)


def _apply_light(
    skin: np.ndarray, factor: np.ndarray, gleam: np.ndarray
) -> np.ndarray:
    """Return (HEIGHT, WIDTH, 3) uint8: colours times light, plus highlights."""
    factor = cv2.convertScaleAbs(factor, alpha=HALF)
    factor = cv2.resize(factor, (WIDTH, HEIGHT))
    gleam = cv2.resize(gleam.astype(np.uint8), (WIDTH, HEIGHT))
    lit = cv2.multiply(skin, factor, scale=1.0 / HALF)
    return cv2.add(lit, cv2.merge([gleam, gleam, gleam]))
