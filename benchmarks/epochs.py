"""One epoch of training as `facemtl fit` does it, to be timed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facemtl import FaceNetwork, Faces
    from facemtl.settings import Settings


def epoch_of(
    settings: "Settings", faces: "Faces"
) -> tuple[Callable[[], object], "FaceNetwork"]:
    """Return a function that trains one epoch, and its network.

    Args:
        settings: complete settings of a run.
        faces: the training faces.
    """
    import facemtl
    from facemtl.training.callbacks import WeightAverage
    from facemtl.training.compiled import build_learner
    from facemtl.training.preparation import (
        augment_border,
        build_network,
        crop_spec,
    )

    plan = facemtl.CachePlan(
        crop_spec(settings.data), augment_border(settings.augment)
    )
    crops = facemtl.crop_faces(faces, plan, verbose=0)
    network = build_network(settings, faces.tasks, {})
    average = WeightAverage(network, settings.train.average)
    learner = build_learner(network, crops, settings, in_step=[average])
    batches = facemtl.training_batches(
        crops, settings.augment, settings.train.batch_size, epoch=0, seed=0
    )
    return (
        lambda: learner.fit(batches, shuffle=False, verbose=0),
        network,
    )
