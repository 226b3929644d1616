"""The conflict between tasks in the reports of runs and studies."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from study_case import study, variant

from facemtl.config import load_config
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.models import FaceNetwork
from facemtl.pipeline.crop_cache import CachePlan, crop_faces
from facemtl.settings import settings_of
from facemtl.studies.report.tables import conflict_table
from facemtl.tasks import GENDER, LANDMARKS, SMILE
from facemtl.training.run_conflict import conflict

TASKS = (LANDMARKS, SMILE, GENDER)
PAIRS = ["landmarks, smile", "landmarks, gender", "smile, gender"]


def found(*settings, tasks=TASKS, faces=None, **words):
    keras.utils.set_random_seed(0)
    network = FaceNetwork(tasks, width=0.1, **words)
    faces = faces or synthetic_faces(12, seed=0)
    crops = crop_faces(faces.only(tasks), CachePlan(network.crop), verbose=0)
    config = load_config(settings=["train.conflict=true", *settings])
    return conflict(network, crops, settings_of(config))


def test_each_shared_layer_has_a_cosine_of_each_pair():
    layers = found(architecture="mmoe")
    assert len(layers) > 3
    for cosines in layers.values():
        assert list(cosines) == PAIRS
        assert all(-1 <= x <= 1 for x in cosines.values())
    assert len({x for own in layers.values() for x in own.values()}) > 9
    # Heads are one task's own, and so are the gates, weights of "fc".
    own = ("landmarks", "smile", "gender", "fc")
    assert not any(name in layers for name in own)
    assert "fc/fc_expert1/fc" in layers


def test_a_task_without_labels_has_no_cosines():
    faces = synthetic_faces(12, seed=0)
    labels = {**faces.labels, "smile": np.full(12, -1, np.int32)}
    layers = found(architecture="split", faces=replace(faces, labels=labels))
    assert {tuple(own) for own in layers.values()} == {(PAIRS[1],)}


@pytest.mark.parametrize(
    ("settings", "tasks", "words"),
    [
        (["train.conflict=false"], TASKS, {"architecture": "split"}),
        ([], (SMILE,), {"architecture": "single"}),
        (
            [],
            (LANDMARKS, SMILE),
            {"architecture": "cross_stitch", "stitch": {"stages": []}},
        ),
    ],
    ids=["off", "one task", "nothing shared"],
)
def test_without_shared_layers_there_is_none(settings, tasks, words):
    assert found(*settings, tasks=tasks, **words) == {}


def test_a_study_shows_the_mean_over_the_layers():
    layers = {"conv1": {PAIRS[0]: 0.5}, "fc": {PAIRS[0]: -0.9}}
    alone, split = variant("single"), variant("split") | {"conflict": layers}
    table = conflict_table(study({"": [alone, split]}))
    assert table is not None
    assert "| split | −0.20 |" in table.markdown()
    assert "single" not in table.markdown()
    assert conflict_table(study({"": [alone]})) is None
