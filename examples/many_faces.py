"""The faces of `many_tasks.py`: CelebA's 40 attributes as 40 tasks."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from facemtl.errors import InputError

SIZE, TEST, VALIDATION, TRAIN = 40, 3461, 2000, 6000
# By their place in a face, as Hand and Chellappa (AAAI 2017) group them.
GROUPS = {
    "gender": "male",
    "nose": "big_nose pointy_nose",
    "mouth": "big_lips mouth_slightly_open smiling wearing_lipstick",
    "eyes": "arched_eyebrows bags_under_eyes bushy_eyebrows eyeglasses "
    "narrow_eyes",
    "face": "attractive blurry heavy_makeup oval_face pale_skin young",
    "around": "bald bangs black_hair blond_hair brown_hair gray_hair "
    "receding_hairline straight_hair wavy_hair wearing_earrings wearing_hat "
    "wearing_necklace wearing_necktie",
    "beard": "five_o_clock_shadow goatee mustache no_beard sideburns",
    "cheeks": "high_cheekbones rosy_cheeks",
    "fat": "chubby double_chin",
}
FOUR = (
    ("around",),
    ("gender", "face", "fat"),
    ("eyes", "nose"),
    ("mouth", "beard", "cheeks"),
)
TWO = (FOUR[0] + FOUR[1], FOUR[2] + FOUR[3])
TASKS = sorted(" ".join(GROUPS.values()).split())


def groups(count: int) -> list[list[str]]:
    """Return the tasks in 1, 2, 4, 9 or 40 groups.

    Example:

    >>> [len(tasks) for tasks in groups(4)]
    [13, 9, 7, 11]
    """
    named: dict[int, Sequence[Sequence[str]]] = {
        1: [list(GROUPS)],
        2: TWO,
        4: FOUR,
        9: [[name] for name in GROUPS],
    }
    if count == len(TASKS):
        return [[task] for task in TASKS]
    return [
        [task for name in names for task in GROUPS[name].split()]
        for names in named[count]
    ]


@dataclass(frozen=True)
class Part:
    """Gray crops (N, S, S, 1) uint8 and labels (N, K), 0 or 1."""

    x: np.ndarray
    y: np.ndarray

    def labels(self) -> dict[str, np.ndarray]:
        """Return {task: (N, 1)}."""
        return {t: self.y[:, k : k + 1] for k, t in enumerate(TASKS)}


def load(folder: Path, seed: int = 0) -> dict[str, Part]:
    """Return the parts `train`, `validation` and `test`, drawn by a seed.

    Raises:
        InputError: without the table of attributes.
    """
    table = folder / "celeba40.csv"
    if not table.is_file():
        raise InputError(
            "Expected --data as a folder with celeba40.csv. "
            f"Received: {folder}."
        )
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    order = np.random.default_rng(seed).permutation(len(rows))
    ends = np.cumsum([TEST, VALIDATION, TRAIN])
    cuts = np.split(order, ends)
    names = ("test", "validation", "train")
    return {
        name: _part(folder, [rows[i] for i in own])
        for name, own in zip(names, cuts, strict=False)
    }


def _part(folder: Path, rows: Sequence[dict[str, str]]) -> Part:
    x = [
        keras.utils.img_to_array(
            keras.utils.load_img(
                folder / row["file"],
                color_mode="grayscale",
                target_size=(SIZE, SIZE),
                interpolation="box",
            ),
            dtype="uint8",
        )
        for row in rows
    ]
    y = [[float(row[task]) for task in TASKS] for row in rows]
    return Part(np.array(x), np.array(y, "float32"))
