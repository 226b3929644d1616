"""Tiny labels in other formats, and the command that converts them."""

import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facemtl.data.command import main

SPOT = np.full((8, 6, 3), 128, np.uint8)


def photo(path: Path) -> Path:
    """A photo of one colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), SPOT)
    return path


def convert(*words: object) -> int:
    """`facemtl data convert` in this process."""
    return main(["convert", *map(str, words)])


def cells(path: Path) -> list[dict[str, str]]:
    """A CSV's rows by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_pts(path: Path, points: np.ndarray, head: str = "version: 1") -> Path:
    """A `.pts` file of points that count from 0: the file counts from 1."""
    rows = "\n".join(f"{x + 1:.9f} {y + 1:.9f}" for x, y in points)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{head}\nn_points:  {len(points)}\n{{\n{rows}\n}}\n")
    return path


def write_coco(
    path: Path,
    annotations: list[dict[str, Any]],
    names: tuple[str, ...] = ("left_eye", "right_eye", "nose"),
    files: tuple[str, ...] = ("a.png", "b.png"),
    **sections: Any,
) -> Path:
    """COCO's JSON with a category `face` and images 1, 2 …"""
    content = {
        "info": {"year": 2024},
        "images": [{"id": i, "file_name": f} for i, f in enumerate(files, 1)],
        "annotations": annotations,
        "categories": [{"id": 7, "name": "face", "keypoints": list(names)}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content | sections))
    return path


def annotation(**more: Any) -> dict[str, Any]:
    """One annotation of a face with three visible points and a box."""
    return {
        "id": 11,
        "image_id": 1,
        "category_id": 7,
        "keypoints": [2, 3, 2, 4.5, 3, 2, 3, 5, 2],
        "bbox": [1, 2, 4, 5],
    } | more
