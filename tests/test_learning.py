"""Training learns: networks of each kind fit eight drawn faces."""

import keras
import numpy as np
import pytest

from facemtl.config import load_settings
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.evaluation.faces import evaluate_faces
from facemtl.geometry.crops import CropSpec
from facemtl.pipeline.crop_cache import CachePlan, crop_faces
from facemtl.tasks import MTFL_TASKS
from facemtl.training.preparation import build_network
from facemtl.training.trainer import fit_network

AS_THEY_ARE = [
    "augment.mirror=false",
    *(f"augment.{k}=0.0" for k in ("shift", "scale", "rotation", "light")),
]
SETTINGS = [
    *AS_THEY_ARE,
    # Its moving statistics take longer to settle than these faces to learn.
    "model.normalization=false",
    # Else points, of much larger losses, come long before attributes.
    "weighting.lambdas={landmarks=0.3}",
    "train.epochs=6",
    "train.batch_size=8",
    "train.learning_rate=0.003",
    "train.stitch_rate=10.0",
    "train.average=0.0",
]


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["cross_stitch_regularized", "mtan", "mmoe"])
def test_fits_eight_drawn_faces(preset, tmp_path):
    keras.utils.set_random_seed(0)
    # MTAN has layers for each task, which take long to trace.
    tasks = MTFL_TASKS[:2] if preset == "mtan" else MTFL_TASKS
    settings = load_settings(preset, settings=SETTINGS)
    faces = synthetic_faces(8, seed=0).only(tasks)
    often = faces.select(np.tile(np.arange(8), 40))
    train, validation = (
        crop_faces(some, CachePlan(CropSpec()), verbose=0)
        for some in (often, faces)
    )
    network = build_network(settings, tasks)
    before = evaluate_faces(network, faces, verbose=0)
    fit_network(network, train, validation, settings, tmp_path, verbose=0)
    scores = evaluate_faces(network, faces, verbose=0)
    assert before["landmarks"]["mean_error_box"] > 10
    assert scores["landmarks"]["mean_error_box"] < 1
    for task in tasks[1:]:
        assert scores["attributes"][task.name]["accuracy"] == 100, task.name
