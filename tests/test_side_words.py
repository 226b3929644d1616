"""Left and right in names, as people and programs write them."""

import pytest

from facemtl.data.side_words import LEFT, RIGHT, counterparts, read_sides

PAIRS = [
    ("left eye", "right eye"),
    ("LeftEye", "RightEye"),
    ("leftEye", "rightEye"),
    ("left_eye_outer", "right_eye_outer"),
    ("Left eye, inner corner", "Right eye, inner corner"),
    ("lefteye", "righteye"),
    ("eyeleft", "eyeright"),
    ("eye (left)", "eye (right)"),
    ("l_eye", "r_eye"),
    ("eye_l", "eye_r"),
    ("eye.L", "eye.R"),
    ("eyeL", "eyeR"),
    ("LEye", "REye"),
    ("L-Eye-1", "R-Eye-1"),
    ("L1", "R1"),
    ("upper-left", "upper-right"),
    ("linkes Auge", "rechtes Auge"),
    ("œil gauche", "œil droit"),
    ("ojo izquierdo", "ojo derecho"),
    ("occhio sinistro", "occhio destro"),
    ("occhio sx", "occhio dx"),
    ("olho esquerdo", "olho direito"),
    ("linkeroog", "rechteroog"),
    ("vänster öga", "höger öga"),
    ("venstre øye", "høyre øye"),
    ("левый глаз", "правый глаз"),
    ("lewe oko", "prawe oko"),
    ("levé oko", "pravé oko"),
    ("sol göz", "sağ göz"),
    ("左目", "右目"),
    ("目(左)", "目(右)"),
    ("왼쪽 눈", "오른쪽 눈"),
    ("αριστερό μάτι", "δεξί μάτι"),
    ("العين اليسرى", "العين اليمنى"),
    ("ตาซ้าย", "ตาขวา"),
]


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_sides_are_read(left, right):
    one, other = read_sides(left), read_sides(right)
    assert (one.sides, other.sides) == ((-1,), (1,))
    assert one.stem == other.stem
    assert counterparts((left, "nose", right)) == [2, -1, 0]


def test_both_sides_of_a_name_change():
    names = tuple(f"{a}Brow{b}" for a in ("L", "R") for b in ("Left", "Right"))
    assert counterparts(names) == [3, 2, 1, 0]


def test_letters_are_read_if_asked():
    assert counterparts(("leye", "reye")) == [-1, -1]
    assert counterparts(("leye", "reye"), letters=True) == [1, 0]
    assert counterparts(("browl", "browr"), letters=True) == [1, 0]


@pytest.mark.parametrize(
    "name", ["nose", "chin", "p1", "low", "red", "frontal", "x-ray", "lip", ""]
)
def test_names_without_a_side(name):
    assert read_sides(name).sides == ()
    assert counterparts((name, "mouth"), letters=True) == [-1, -1]


def test_no_word_means_both():
    assert not set(LEFT.split()) & set(RIGHT.split())
    assert len(LEFT.split()) == len(set(LEFT.split()))
    assert len(RIGHT.split()) == len(set(RIGHT.split()))
