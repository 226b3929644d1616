"""Boxes of faces that have none, from the package's detector."""

from facemtl.datasets.faces import BadRows, Faces
from facemtl.errors import InputError


def detected(faces: Faces, bad: BadRows) -> Faces:
    """The faces with boxes where they have none.

    Args:
        faces: of a source; a box of NaN is missing.
        bad: what to do with photos without a face.

    Raises:
        InputError: always, for now.
    """
    raise InputError(
        "data.boxes = 'detect' is not there yet. Give boxes or points, and "
        "data.boxes = 'auto'."
    )
