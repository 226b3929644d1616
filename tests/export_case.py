"""Exports of small, untrained networks, made once for all tests."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import keras
import numpy as np
from shared import made_once

from facemtl.data.csv.writer import write_csv
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.export.formats import FORMATS, export_network
from facemtl.geometry.box_convention import MTFL_BOXES, BoxConvention
from facemtl.models import FaceNetwork
from facemtl.tasks import MTFL_TASKS, Normalizer, Task
from facemtl.tasks.sigma import SigmaFit

QUANTIZE = ("none", "float16", "dynamic", "int8")
OWN_TASKS = (
    Task(
        "landmarks",
        "landmarks",
        ("left eye", "right eye", "chin"),
        normalizer=Normalizer("height", (("left eye", "right eye"), "chin")),
    ),
    Task("beard", "classes", ("none", "some", "full")),
    Task("yaw", "value", mirror=(-1,)),
)


def random_crops(n: int, shape: tuple[int, ...]) -> np.ndarray:
    """Smooth pictures: noise alone would say little of a convolution."""
    size, _, channels = shape
    rough = np.random.default_rng(0).uniform(0, 255, (n, 6, 6, channels))
    smooth = [cv2.resize(x, (size, size)).reshape(shape) for x in rough]
    return np.rint(smooth).astype(np.uint8).reshape(n, *shape)


def write_drawn(
    folder: Path, n: int, seed: int, split: Sequence[str] = ()
) -> Path:
    """Drawn faces as photos in a folder, with a CSV of their labels.

    `split` has the cells of a column `split`, if the CSV is to have one.
    """
    faces = synthetic_faces(n, seed=seed)
    names = [f"{i}.png" for i in range(n)]
    for name, drawn in zip(names, faces.names, strict=True):
        bgr = cv2.cvtColor(faces.images.read(drawn), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / name), bgr)
    named = replace(faces, names=np.array(names))
    columns = {"split": split} if split else None
    write_csv(named, folder / "faces.csv", columns=columns)
    return folder / "faces.csv"


def stitched_export() -> Path:
    """Cross-stitch with weight regularization, MTFL's tasks, all formats.

    Making them takes half a minute: a test that needs it is marked slow.
    """
    return _export("stitched", _stitched_network, QUANTIZE)


def stitched_tflite() -> Path:
    """The same network as one float32 TFLite file, which takes seconds."""
    folder = _export("stitched tflite", _stitched_network, formats=("tflite",))
    return folder / "model_float32.tflite"


def own_export() -> Path:
    """A split network for a user's own tasks, in color, with a margin."""
    return _export("own", _own_network)


def mirrored_export() -> Path:
    """The same network, asked about the mirror image too."""
    return _export("mirrored", _own_network, mirrored=True)


def heatmap_export() -> Path:
    """Landmarks by heat maps, as the presets have; TFLite: float32, int8."""
    return _export("heatmap", _heatmap_network, ("none", "int8"))


def _heatmap_network() -> FaceNetwork:
    return FaceNetwork(
        MTFL_TASKS,
        blocks="residual",
        width=0.25,
        landmarks="heatmap",
        sigma={"landmarks": SigmaFit((0.1, 0.2, 0.3, 0.4, 0.5), 1.3, 0.2)},
    )


def _stitched_network() -> FaceNetwork:
    return FaceNetwork(
        MTFL_TASKS,
        architecture="cross_stitch",
        width=0.25,
        weight_regularization={"form": "l2"},
        box_convention=BoxConvention(None, MTFL_BOXES),
    )


def _own_network() -> FaceNetwork:
    return FaceNetwork(
        OWN_TASKS,
        crop={"size": 48, "color": "rgb", "margin": 0.1},
        blocks="residual",
        width=0.25,
        box_convention=BoxConvention(None, MTFL_BOXES),
    )


def _export(
    name: str,
    network: Callable[[], FaceNetwork],
    quantize: tuple[str, ...] = ("none",),
    formats: tuple[str, ...] = FORMATS,
    mirrored: bool = False,
) -> Path:
    def make(folder: Path) -> None:
        # The same weights for each export of a network.
        keras.utils.set_random_seed(0)
        made = network()
        made.save(folder / "trained.keras")
        crops = random_crops(50, made.crop.shape)
        export_network(
            folder / "trained.keras",
            folder / "exported",
            formats,
            quantize=quantize,
            calibration=lambda _: crops,
            licence="own",
            mirrored=mirrored,
            verbose=0,
        )

    return made_once(f"export {name}", make) / "exported"
