"""The default networks of the check."""

from pathlib import Path

import keras

from facemtl.config import load_config
from facemtl.models import FaceNetwork
from facemtl.tasks import Task
from facemtl.training.runs import train

SETTINGS = ("data.source=synthetic", "data.faces=600", "train.epochs=1")
TASKS = (
    Task("landmarks", "landmarks", ("left eye", "right eye", "chin")),
    Task("beard", "classes", ("none", "some", "full")),
    Task("yaw", "value", mirror=(-1,)),
)


def default_networks(folder: Path, verbose: int) -> dict[str, Path]:
    """Return {name: file} of two networks that differ as much as possible.

    Args:
        folder: folder of the networks; a trained one is reused.
        verbose: 1 shows Keras's bar, 2 prints a line per epoch.
    """
    return {
        "cross-stitch, one epoch on drawn faces": stitched(folder, verbose),
        "mirrored residual, color, own tasks, untrained": mirrored(folder),
    }


def stitched(folder: Path, verbose: int) -> Path:
    """Train a cross-stitch network with weight regularization for an epoch."""
    config = load_config("cross_stitch_regularized", settings=SETTINGS)
    train(config, folder / "stitched", resume=True, verbose=verbose, test=False)
    return folder / "stitched/model.keras"


def mirrored(folder: Path) -> Path:
    """Build an untrained residual network with three kinds of tasks."""
    keras.utils.set_random_seed(0)
    network = FaceNetwork(
        TASKS,
        crop={"size": 48, "color": "rgb", "margin": 0.1},
        blocks="residual",
        mirrored=True,
    )
    folder.mkdir(parents=True, exist_ok=True)
    network.save(folder / "mirrored.keras")
    return folder / "mirrored.keras"
