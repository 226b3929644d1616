"""Text about a face, drawn on its photo."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from facemtl.inference.plates import Plates
from facemtl.words import printable

LIGHT = (255, 255, 255)
FONT = cv2.FONT_HERSHEY_SIMPLEX
SMALLEST, LARGEST = 0.38, 1.2  # scales of the font


class _Text(NamedTuple):
    """Lines of text in one size, with the size of their plate."""

    lines: list[str]
    scale: float
    thick: int
    step: int
    pad: int
    plate: tuple[int, int]


def write_text(
    drawn: np.ndarray,
    lines: list[str],
    plates: Plates,
    face: int,
    titled: bool,
) -> None:
    """Write lines on a dark background next to a face, where it is free.

    Args:
        drawn: the photo to write on.
        lines: the text; empty lines are left out.
        plates: free places.
        face: index of the face in `plates`.
        titled: whether the first line is enough if there is no room for more.
    """
    # OpenCV ends the process for half of a surrogate pair.
    lines = [printable(line) for line in lines if line]
    if not lines:
        return
    for text, strict in _choices(lines, plates.side(face), titled):
        corner = plates.place(face, text.plate, text.pad, strict)
        if corner is not None:
            _write(drawn, text, *corner)
            return


def _choices(
    lines: list[str], side: int, titled: bool
) -> Iterator[tuple[_Text, bool]]:
    """Yield texts, and whether they must not cover their face's points."""
    scale = float(np.clip(side / 450, SMALLEST, LARGEST))
    usual, small = _text(lines, scale), _text(lines, SMALLEST)
    yield usual, True
    yield small, True
    if titled:
        yield _text(lines[:1], SMALLEST), True
        yield _text(lines[:1], SMALLEST), False
    else:
        yield usual, False
        yield small, False


def _text(lines: list[str], scale: float) -> _Text:
    thick = max(1, round(scale * 1.4))
    sizes = [cv2.getTextSize(line, FONT, scale, thick)[0] for line in lines]
    step = round(1.6 * max(height for _, height in sizes))
    pad = step // 3
    plate = (max(w for w, _ in sizes) + 2 * pad, step * len(lines) + pad)
    return _Text(lines, scale, thick, step, pad, plate)


def _write(drawn: np.ndarray, text: _Text, x: int, y: int) -> None:
    part = drawn[y : y + text.plate[1], x : x + text.plate[0]]
    part[:] = (0.3 * part).astype(np.uint8)
    for i, line in enumerate(text.lines, 1):
        at = (x + text.pad, y + text.step * i - text.pad // 2)
        cv2.putText(
            drawn, line, at, FONT, text.scale, LIGHT, text.thick, cv2.LINE_AA
        )
