"""One face, from its parameters to its pixels."""

import cv2
import numpy as np

from facemtl.datasets.drawing.draws import stream
from facemtl.datasets.drawing.hair import grow_hair, raise_hair
from facemtl.datasets.drawing.head import Head, View
from facemtl.datasets.drawing.light import Light, random_light, shade
from facemtl.datasets.drawing.look import Look, random_look
from facemtl.datasets.drawing.mesh import HEIGHT, WIDTH, Wrap, normals, see
from facemtl.datasets.drawing.paint import mix
from facemtl.datasets.drawing.photo import develop
from facemtl.datasets.drawing.sample import Traits, people
from facemtl.datasets.drawing.scene import background, paint_body, paint_ear
from facemtl.datasets.drawing.skin import paint_skin, pores, undertone
from facemtl.datasets.drawing.wear import (
    paint_glasses,
    paint_hat,
    paint_obstacle,
)


def draw_face(seed: int, index: int, size: int) -> np.ndarray:
    """The photo of face `index` of `seed`: (size, size, 3) uint8, RGB.

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
    """The scene from back to front, as a perfect camera sees it."""
    look = random_look(rng, bool(traits.male), bool(traits.smiling))
    light = random_light(rng)
    photo = background(rng, size)
    bright = (light.key * 0.6 + light.sky + light.fill) ** (1 / 2.2)
    paint_body(rng, photo, head, view, look, bright)
    near = -1 if view.yaw > 0 else 1
    paint_ear(photo, head, view, look, -near, bright)
    if abs(view.yaw) < 0.25:
        paint_ear(photo, head, view, look, near, bright)
    _paint_head(rng, photo, head, view, look, light)
    if abs(view.yaw) >= 0.25:
        paint_ear(photo, head, view, look, near, bright)
    if traits.glasses:
        paint_glasses(rng, photo, head, view)
    if rng.random() < 0.07:
        paint_hat(rng, photo, head, view, bright)
    if rng.random() < 0.12:
        paint_obstacle(rng, photo, view, look)
    return photo


def _paint_head(
    rng: np.random.Generator,
    photo: np.ndarray,
    head: Head,
    view: View,
    look: Look,
    light: Light,
) -> None:
    """Skin and hair, lit, turned and laid over the photo."""
    wrap = Wrap(head)
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
    """(HEIGHT, WIDTH, 3) uint8: colours times light, plus highlights."""
    factor = cv2.resize(factor, (WIDTH, HEIGHT))
    gleam = cv2.resize(gleam.astype(np.uint8), (WIDTH, HEIGHT))
    lit = cv2.multiply(skin, factor, dtype=cv2.CV_8U)
    return cv2.add(lit, cv2.merge([gleam, gleam, gleam]))
