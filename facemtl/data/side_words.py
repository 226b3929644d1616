"""Find left and right in the names of points and classes."""

import re
import unicodedata
from typing import NamedTuple

# English first, then families of languages; forms by gender, case and place.
LEFT = """
left l lft lhs lt
links linke linker linkes linken linkse venstre vänster vänstra vinstri
gauche gauches izquierda izquierdo izq esquerda esquerdo esq esquerre esquerra
sinistra sinistro sinistre sinistri sinister sx stâng stânga stang stanga
левый левая левое левые слева лев лівий ліва ліве ляв лява ляво
lewy lewa lewe lewego levý levá levé leva levi levo lijevi lijeva lijevo ľavý
ľavá ľavé kairys kairė kreisais kreisā αριστερά αριστερό αριστερός αριστερή
bal vasen vasemman vasak ezker sol kiri trái kushoto
左 左边 左邊 左側 左侧 왼쪽 왼 좌 좌측 ซ้าย
يسار اليسرى الأيسر أيسر چپ שמאל שמאלית שמאלי बायां बाईं बाएं
"""
RIGHT = """
right r rgt rhs rt
rechts rechte rechter rechtes rechten rechtse højre høyre höger högra hægri
droite droit droites droits derecha derecho dcha dcho direita direito dereita
dret dreta destra destro destre destri dexter dextra dx drept dreapta dreaptă
правый правая правое правые справа прав правий права праве десен дясна дясно
prawy prawa prawe prawego pravý pravá pravé prava pravi pravo desni desna desno
dešinys dešinė labais labā δεξιά δεξί δεξιός δεξιό δεξιή
jobb oikea oikean parem eskuin sağ kanan phải kulia
右 右边 右邊 右側 右侧 오른쪽 오른 우 우측 ขวา
يمين اليمنى الأيمن أيمن راست ימין ימנית ימני दायां दाईं दाएं
"""
SIDE = {
    word: side
    for side, words in ((-1, LEFT), (1, RIGHT))
    for word in unicodedata.normalize("NFC", words).split()
}
# Sides that are recognised at the start or end of a longer word.
INSIDE = sorted(
    (x for x in SIDE if len(x) > 3 or not x.isascii()), key=len, reverse=True
)
BREAKS = re.compile(
    r"[\s_\-.,:;/|()\[\]]+"
    r"|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"  # eyeL, LEye
    r"|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])"  # l1
)


class Sides(NamedTuple):
    """A name split into its sides and its other words.

    Attributes:
        stem: the words of the name, `*` in place of each side.
        sides: -1 (left) or 1 (right) for each side; empty if there is none.
    """

    stem: tuple[str, ...]
    sides: tuple[int, ...]

    def mirrored(self) -> "Sides":
        """Swap left and right."""
        return Sides(self.stem, tuple(-side for side in self.sides))


def read_sides(name: str) -> Sides:
    """Read the sides in a name.

    Example:

    >>> read_sides("LeftBrow, right corner")
    Sides(stem=('*', 'brow', '*', 'corner'), sides=(-1, 1))
    >>> read_sides("eye.R"), read_sides("右目").sides, read_sides("nose").sides
    (Sides(stem=('eye', '*'), sides=(1,)), (1,), ())
    """
    words = [
        part
        for word in BREAKS.split(unicodedata.normalize("NFC", name))
        for part in _parts(word.casefold())
    ]
    stem = tuple("*" if word in SIDE else word for word in words)
    return Sides(stem, tuple(SIDE[word] for word in words if word in SIDE))


def plain_sides(name: str) -> tuple[int, ...]:
    """Return the sides in a name that are whole words, not abbreviations.

    Example:

    >>> plain_sides("left eye"), plain_sides("bright l spot")
    ((-1,), ())
    """
    words = BREAKS.split(unicodedata.normalize("NFC", name))
    long = [word.casefold() for word in words if len(word) > 3]
    return tuple(SIDE[word] for word in long if word in SIDE)


def part_of(name: str) -> Sides:
    """Read the sides in a name, and ignore its numbers.

    Example:

    >>> part_of("left brow 1") == part_of("left brow 5")
    True
    """
    return read_sides(re.sub(r"\d+", " ", name))


def counterparts(names: tuple[str, ...], letters: bool = False) -> list[int]:
    """Return the index of each name's counterpart on the other side, or -1.

    Two names are counterparts if they differ only by left and right.

    Args:
        names: distinct names of points or classes.
        letters: whether to also read the first or last letter of a name
            without a side, as in leye and reye.

    Example:

    >>> counterparts(("left eye", "right eye", "nose"))
    [1, 0, -1]
    >>> counterparts(("leye", "reye"), letters=True)
    [1, 0]
    """
    read = [read_sides(name) for name in names]
    found = _matches(read)
    for at in (0, -1) if letters else ():
        lettered = [_letter(sides, at) for sides in read]
        other = _matches(lettered)
        found = [j if j >= 0 else k for j, k in zip(found, other, strict=True)]
    return found


def _matches(read: list[Sides]) -> list[int]:
    """Return the first index with all sides swapped; -1 if there is none."""
    where = {sides: i for i, sides in reversed(list(enumerate(read)))}
    return [
        where.get(sides.mirrored(), -1) if sides.sides else -1 for sides in read
    ]


def _letter(sides: Sides, at: int) -> Sides:
    """Read the first (0) or last (-1) letter of a name as its side."""
    word = sides.stem[at] if sides.stem else ""
    if sides.sides or len(word) < 3 or word[at] not in "lr":
        return Sides((), ())
    rest = word[1:] if at == 0 else word[:-1]
    stem = (rest, *sides.stem[1:]) if at == 0 else (*sides.stem[:-1], rest)
    return Sides(stem, (SIDE[word[at]],))


def _parts(word: str) -> list[str]:
    """Split a side off the start or end of a word: lefteye, 左目."""
    if word in SIDE:
        return [word]
    for side in INSIDE:
        if word.startswith(side):
            return [side, word.removeprefix(side)]
        if word.endswith(side):
            return [word.removesuffix(side), side]
    return [word] if word else []
