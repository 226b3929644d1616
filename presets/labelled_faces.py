"""Label faces without points by several networks, to train another one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from facemtl.config import load_config
from facemtl.data.check.pairs import near_pairs
from facemtl.data.check.seen import joined
from facemtl.data.check.thumbnails import thumbnails
from facemtl.data.csv.reader import read_csv
from facemtl.data.csv.writer import write_csv
from facemtl.data.faces import BadRows, Faces
from facemtl.data.one_source import Splits
from facemtl.data.sources import load_splits
from facemtl.evaluation.faces import predict_faces
from facemtl.evaluation.normalizers import normalizer_lengths
from facemtl.geometry.crops import CropSpec
from facemtl.models import FaceNetwork, load_model
from facemtl.photos.images import FolderImages
from facemtl.pipeline.crop_cache import CachePlan, crop_faces
from facemtl.settings import DataSettings, settings_of
from facemtl.tasks import load_layout

TASK = load_layout("points68")
SHARE = 0.2  # of the faces with points, for validation
# Largest mean distance of the networks' points from their mean, in shares of
# the normalizer. It leaves out 1 % of the faces.
APART = 0.025


def data_settings(file: str) -> DataSettings:
    """Return the settings that choose the validation faces of a CSV."""
    words = ("data.tasks=points68", f"data.validation_share={SHARE}")
    settings = [f"data.source={file}", *words]
    return settings_of(load_config(settings=settings)).data


def splits(file: str) -> Splits:
    """Return the training and validation faces of a CSV with 68 points."""
    return load_splits(data_settings(file), BadRows())


def seen_before(own: Splits) -> np.ndarray:
    """Return (N,) bool: validation faces with nearly equal training faces."""
    faces = joined([own.validation, own.train])
    crops = crop_faces(faces, CachePlan(CropSpec(size=48)), verbose=0)
    n, every = len(own.validation), np.arange(len(faces))
    one, other, _ = near_pairs(thumbnails(crops, every), every < n)
    return np.isin(every[:n], [one, other])


def labelled(file: str, runs: Sequence[Path], part: str = "") -> Faces:
    """Return the faces of a CSV with the mean points of several networks.

    Networks predict the mean of a face and its mirror image, in two passes.
    Faces on whose points they disagree are left out.

    Args:
        file: a CSV with boxes.
        runs: the networks' run folders.
        part: how the names of the faces begin.
    """
    bare = read_csv(file)
    bare = bare.select(np.char.startswith(bare.names.astype(str), part))
    labels = {TASK.name: TASK.no_labels(len(bare))}
    faces = replace(bare, tasks=(TASK,), labels=labels)
    networks = [load_model(run).with_mirror() for run in runs]
    points = np.stack([_points(network, faces) for network in networks])
    mean = points.mean(axis=0)
    lengths = normalizer_lengths(mean, TASK)
    assert lengths is not None
    distances = np.linalg.norm(points - mean, axis=3) / lengths
    agreed = distances.mean(axis=(0, 2)) < APART
    return replace(faces, labels={TASK.name: mean}).select(agreed)


def _points(network: FaceNetwork, faces: Faces) -> np.ndarray:
    return predict_faces(network, faces, verbose=0)[1][TASK.name]


def write_faces(
    parts: Sequence[tuple[Faces, str]], file: Path, digits: int = 2
) -> None:
    """Write faces of several folders as one CSV with a column `split`.

    Args:
        parts: faces, and the split of all of them.
        file: the CSV.
        digits: digits of a pixel that are kept.
    """
    names, boxes, points, column = [], [], [], []
    for faces, split in parts:
        assert isinstance(faces.images, FolderImages)
        root = Path(faces.images.root).resolve()
        names += [(root / name).as_posix() for name in faces.names]
        boxes.append(faces.boxes)
        points.append(faces.labels[TASK.name])
        column += [split] * len(faces)
    whole = replace(
        parts[0][0],
        names=np.array(names),
        rows=np.array(names),
        boxes=np.concatenate(boxes).round(digits),
        labels={TASK.name: np.concatenate(points).round(digits)},
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    write_csv(whole, file, columns={"split": column})
