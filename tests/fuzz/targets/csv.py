"""A CSV of labels."""

from facemtl.data.csv.reader import csv_splits, read_csv, read_csv_parts
from facemtl.data.csv.writer import write_csv
from facemtl.data.faces import BadRows

from ..oracle import (
    check_faces,
    check_same_faces,
    folder,
    unless_refused,
    whole,
    written,
)

SEEDS = (
    whole("CSV of labels"),
    whole("TSV of labels"),
    whole("CSV of labels").decode().encode("utf-16"),
    b"sep=;\nfile;left;top;right;bottom;smile\na.jpg;1,5;2;30;40;yes\n",
    b"file,x1,x2,x3,x4,x5,y1,y2,y3,y4,y5,v1,v2,v3,v4,v5\n"
    b"a.jpg,15,31,23,17,29,20,20,28,36,36,2,1,0,2,2\n",
)


def one_input(data: bytes) -> None:
    """Faces are finite, and written they are read as the same."""
    file = written(data, "faces.csv")
    for skip in (False, True):
        faces = unless_refused(read_csv, file, bad=BadRows(skip))
        if faces is None:
            continue
        check_faces(faces)
        again = folder() / "again.csv"
        write_csv(faces, again)
        check_same_faces(faces, read_csv(again, tasks=faces.tasks))
        parts = read_csv_parts(file, None, BadRows(skip))
        assert sum(map(len, parts.values())) == len(faces)
        assert set(csv_splits(file)) >= set(parts) - {""}
