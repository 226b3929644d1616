"""Mirror rules of the converted points: own inverse, and right on a face."""

import numpy as np
import pytest

from facemtl.data.convert.points import lacks_mirror_rule, paired_by_name
from facemtl.tasks import Task, is_mirror_rule, load_layout

POINTS_68, POINTS_98 = load_layout("points68"), load_layout("points98")


def arc(start, end, n, bend=0.0):
    """Points from one place to another, bent downwards in the middle."""
    t = np.linspace(0, 1, n)[:, None]
    line = (1 - t) * np.array(start) + t * np.array(end)
    return line + np.array([0, bend]) * (4 * t * (1 - t))


def ring(left, right, top, bottom):
    """A loop from the left corner over the top to the right one and back.

    `top` and `bottom` are how many points lie between the corners.
    """
    upper = arc(left, right, top + 2, -1)
    lower = arc(right, left, bottom + 2, 1)[1:-1]
    return np.concatenate([upper, lower])


def template_68():
    """A symmetric face in the order of 300-W, drawn part by part."""
    return np.concatenate(
        [
            arc((-8, 0), (8, 0), 17, 12),
            arc((-7, -5), (-2, -5), 5, -1),
            arc((2, -5), (7, -5), 5, -1),
            arc((0, -3), (0, 2), 4),
            arc((-2, 3), (2, 3), 5, 1),
            ring((-6, -3), (-3, -3), 2, 2),
            ring((3, -3), (6, -3), 2, 2),
            ring((-3, 6), (3, 6), 5, 5),
            ring((-2, 6), (2, 6), 3, 3) * [1, 0.97],
        ]
    )


def template_98():
    """The same in the order of WFLW: a brow has two edges, an eye a pupil."""
    upper, lower = arc((-7, -5), (-2, -5), 5, -1), arc((-2, -4), (-6, -4), 4)
    right_lower = arc((6, -4), (2, -4), 4)
    return np.concatenate(
        [
            arc((-8, 0), (8, 0), 33, 12),
            *(upper, lower),
            *(arc((2, -5), (7, -5), 5, -1), right_lower),
            arc((0, -3), (0, 2), 4),
            arc((-2, 3), (2, 3), 5, 1),
            ring((-6, -3), (-3, -3), 3, 3),
            ring((3, -3), (6, -3), 3, 3),
            ring((-3, 6), (3, 6), 5, 5),
            ring((-2, 6), (2, 6), 3, 3) * [1, 0.97],
            [(-4.5, -3.1), (4.5, -3.1)],
        ]
    )


@pytest.mark.parametrize(
    ("task", "template"),
    [(POINTS_68, template_68), (POINTS_98, template_98)],
    ids=["68", "98"],
)
def test_a_mirrored_face_is_the_face_with_its_points_swapped(task, template):
    face = template()
    assert face.shape == (task.size, 2)
    assert len(np.unique(face.round(6), axis=0)) == task.size
    assert is_mirror_rule("landmarks", task.mirror)
    mirrored = face * [-1, 1]
    np.testing.assert_allclose(mirrored[list(task.mirror)], face, atol=1e-9)


@pytest.mark.parametrize(
    ("task", "template"),
    [(POINTS_68, template_68), (POINTS_98, template_98)],
    ids=["68", "98"],
)
def test_left_is_the_images_left(task, template):
    for name, (x, _) in zip(task.names, template(), strict=True):
        if name.startswith(("left", "right")):
            assert (x < 0) == name.startswith("left"), name


def test_pairs_of_the_68_points_as_300_w_counts_them():
    pairs = {(i + 1, j + 1) for i, j in enumerate(POINTS_68.mirror) if i < j}
    expected = {(i, 18 - i) for i in range(1, 9)}
    expected |= {(i, 45 - i) for i in range(18, 23)}
    expected |= {(32, 36), (33, 35), (37, 46), (38, 45), (39, 44), (40, 43)}
    expected |= {(41, 48), (42, 47), (49, 55), (50, 54), (51, 53), (56, 60)}
    expected |= {(57, 59), (61, 65), (62, 64), (66, 68)}
    assert pairs == expected


def test_names_of_parts():
    names = POINTS_68.names
    assert names[0] == "jaw 1"
    assert names[36] == "left eye 1"
    assert names[54] == "outer lip 7"
    assert POINTS_98.names[96:] == ("left pupil", "right pupil")


@pytest.mark.parametrize(
    ("names", "mirror"),
    [
        (["left_eye", "right_eye"], (1, 0)),
        (["Left Eye", "nose", "Right Eye"], (2, 1, 0)),
        (["eyeLeft", "eyeRight"], (1, 0)),
        (["lefteye_x", "righteye_x"], (1, 0)),
        (["EYE_L", "EYE_R"], (1, 0)),
        (["l.ear", "r.ear", "lip"], (1, 0, 2)),
        (["LEFT", "RIGHT"], (1, 0)),
        (["cleft chin", "cright chin"], (0, 1)),
        (["left_ear", "nose"], (0, 1)),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_names_with_sides_are_paired(names, mirror):
    assert paired_by_name(names) == mirror


@pytest.mark.parametrize(
    ("names", "lacks"),
    [
        (("left eye", "right eye", "nose"), False),
        (("left eye", "right eye", "left ear"), True),
        (("point 1", "point 2"), True),
        (("nose",), False),
    ],
    ids=["pair", "half a pair", "numbers", "one"],
)
def test_rules_that_are_unknown(names, lacks):
    task = Task("landmarks", "landmarks", names, paired_by_name(names))
    assert lacks_mirror_rule(task) == lacks
