"""Labels of other formats; the first byte says of which."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from facemtl.data.convert.formats import Source, read_labels
from facemtl.data.convert.write import write_labels
from facemtl.data.csv.reader import read_csv
from facemtl.data.faces import BadRows

from ..oracle import check_faces, check_same_faces, folder, kind, unless_refused

FORMS = (
    ("COCO keypoints", "coco"),
    ("WFLW's list", "wflw"),
    ("iBUG's points", "pts"),
    ("CelebA's attributes", "celeba"),
    ("CelebA's points", "celeba"),
)
KINDS = tuple((kind(name), form) for name, form in FORMS)
SEEDS = tuple(
    bytes([i]) + one.text.encode() for i, (one, _) in enumerate(KINDS)
)


def one_input(data: bytes) -> None:
    """The CSV that is made of the labels has the same faces."""
    which = data[0] % len(KINDS) if data else 0
    one, form = KINDS[which]
    place = _place(which)
    (place / one.file).write_bytes(data[1:])
    for skip in (False, True):
        source = Source((place / one.file,), form)
        read = unless_refused(read_labels, source, BadRows(skip))
        if read is None:
            continue
        labels = read[1]
        check_faces(labels.faces)
        made = place / "made" / "faces.csv"
        write_labels(labels, made, overwrite=True)
        # Faces of attributes alone have no place.
        points = labels.points_task is not None
        again = read_csv(made, boxes="auto" if points else "detect")
        names = [made.parent / name for name in again.names.tolist()]
        assert [x.resolve().name for x in names] == [
            name.rpartition("/")[2] for name in labels.faces.names.tolist()
        ]
        check_same_faces(labels.faces, replace(again, names=labels.faces.names))


@cache
def _place(which: int) -> Path:
    """A folder with the photos of a kind."""
    place = folder(f"form{which}")
    for photo in KINDS[which][0].photos:
        file = place / photo
        file.parent.mkdir(exist_ok=True)
        file.touch()
    return place
