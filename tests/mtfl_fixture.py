"""A tiny made-up MTFL with every oddity of the official files."""

from pathlib import Path

import cv2
import numpy as np

from facemtl.data.faces import Faces

HEIGHT, WIDTH = 60, 50
# Five points of a CSV: the header's cells and a row's.
POINTS = "x1,x2,x3,x4,x5,y1,y2,y3,y4,y5"
PLACE = "15,31,23,17,29,20,20,28,36,36"
# Gender, smile, glasses, pose as the files count them, one row a face.
CODES = [(1, 1, 2, 3), (2, 2, 2, 1), (1, 2, 1, 5), (2, 1, 2, 2), (1, 1, 1, 4)]


def make_mtfl(root: Path, splits: tuple[str, ...] = ("train", "test")) -> Path:
    """Write the labels, lists and photos of some splits; returns `root`."""
    root.mkdir(parents=True, exist_ok=True)
    if "train" in splits:
        names = [f"lfw_5590/a_{i}.jpg" for i in range(3)]
        names += [f"net_7876/b_{i}.jpg" for i in range(2)]
        _photos(root, names)
        rows = [
            " " * (i > 0) + label_row(name.replace("/", "\\"), i)
            for i, name in enumerate(names)
        ]
        write_rows(root / "training.txt", [*rows, " "], "\r\n")
        lists = [list_row(n.replace("/", "\\"), i) for i, n in enumerate(names)]
        write_rows(root / "trainImageList.txt", lists, "\r\n")
    if "test" in splits:
        names = [f"AFLW/c_{i}.jpg" for i in range(4)]
        _photos(root, names)
        rows = [label_row(name, i) for i, name in enumerate(names)]
        write_rows(root / "testing.txt", rows, "\r\n")
        boxes = [
            " ".join(list_row(n, i).split()[:5]) for i, n in enumerate(names)
        ]
        write_rows(root / "testBoxList.txt", boxes, "\n")
    return root


def write_rows(path: Path, rows: list[str], end: str = "\r\n") -> None:
    path.write_text(end.join(rows), newline="")


def edit_row(path: Path, row: int, old: str, new: str) -> None:
    """Replace text in a row, counted from 1; the other bytes stay."""
    lines = path.read_bytes().decode().split("\n")
    assert old in lines[row - 1]
    lines[row - 1] = lines[row - 1].replace(old, new, 1)
    path.write_bytes("\n".join(lines).encode())


def true_points(i: int) -> np.ndarray:
    """The points of face `i`, in pixels counted from 0."""
    eyes_nose_mouth = [[15, 20], [31, 20], [23, 28], [17, 36], [29, 36]]
    return np.array(eyes_nose_mouth, float) + i + 0.25


def true_box(i: int) -> np.ndarray:
    """Left, top, right, bottom of face `i`; the last ones leave the photo."""
    return np.array([5, 10, 45, 51], float) + 2 * i


def label_row(name: str, i: int) -> str:
    """x1 ... x5 y1 ... y5 counted from 1, then the codes."""
    points = (true_points(i) + 1).T.ravel()
    codes = " ".join(map(str, CODES[i]))
    return f"{name} {' '.join(f'{p:f}' for p in points)} {codes}"


def list_row(name: str, i: int) -> str:
    """Left right top bottom, then x1 y1 x2 y2 ... counted from 0."""
    left, top, right, bottom = true_box(i)
    points = " ".join(f"{p:f}" for p in true_points(i).ravel())
    return f"{name} {left:.0f} {right:.0f} {top:.0f} {bottom:.0f} {points}"


def _photos(root: Path, names: list[str]) -> None:
    for i, name in enumerate(names):
        path = root / name
        path.parent.mkdir(exist_ok=True)
        shape = (HEIGHT, WIDTH) if i == 0 else (HEIGHT, WIDTH, 3)
        assert cv2.imwrite(str(path), np.full(shape, 40 * i, np.uint8))


def assert_equal(one: Faces, other: Faces) -> None:
    assert one.tasks == other.tasks
    np.testing.assert_array_equal(one.names, other.names)
    np.testing.assert_array_equal(one.boxes, other.boxes)
    assert list(one.labels) == list(other.labels)
    for name, labels in one.labels.items():
        np.testing.assert_array_equal(labels, other.labels[name])
        assert labels.dtype == other.labels[name].dtype
