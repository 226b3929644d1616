"""The columns of a face in a CSV."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facemtl.inference.face import Face

SIDES = ("left", "top", "right", "bottom")
ANGLES = ("yaw", "pitch", "roll")


def face_cells(face: "Face", others: Collection[str] = ()) -> dict[str, Any]:
    """Return {column: cell} of a face, in the units of `Face.to_dict`.

    Args:
        face: the face.
        others: columns beside these. A task of such a name, or of that of a
            coordinate, has the column "TASK class" or "TASK value".

    Returns:
        The box, x and y of each point, class and probability of each
        attribute, each value; then the detector's score, the angles of the
        head ("head yaw" …), the probability of each class, the standard
        deviation of each point, and the confidence.

    Example:

    >>> from facemtl.inference.face import Face
    >>> face_cells(Face((0.0, 1.0, 2.0, 3.0), {"nose": (1.0, 2.0)}))["nose y"]
    2.0
    """
    told = face.to_dict()
    cells = dict(zip(SIDES, told["box"], strict=True))
    for name, (x, y) in told["points"].items():
        cells |= {f"{name} x": x, f"{name} y": y}
    every: dict[str, float] = {}
    for task, said in told["attributes"].items():
        kind = "value" if "value" in said else "class"
        taken = task in (*others, *cells)
        cells[f"{task} {kind}" if taken else task] = said[kind]
        if kind == "class":
            cells[f"{task} probability"] = said["probability"]
            for name, share in said["probabilities"].items():
                every[f"{task} {name} probability"] = share
    # A task may be called "score".
    cells["detector score" if "score" in cells else "score"] = told["score"]
    # No task has a name with a space.
    pose = told["head_pose"] or dict.fromkeys(ANGLES)
    cells |= {f"head {name}": pose[name] for name in ANGLES}
    sigma = {f"{name} sigma": x for name, x in told["points_sigma"].items()}
    taken = "confidence" in cells
    sure = "face confidence" if taken else "confidence"
    return cells | every | sigma | {sure: told["confidence"]}
