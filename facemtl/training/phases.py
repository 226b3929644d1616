"""The phases of a run: streams alone, if configured, then the network."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from facemtl.files.places import remove_parts
from facemtl.models import FaceNetwork, load_model
from facemtl.pipeline.crop_cache import Crops
from facemtl.settings import Settings
from facemtl.training.hosts import Hosts
from facemtl.training.preparation import build_network
from facemtl.training.run_faces import RunFaces
from facemtl.training.trainer import fit_network


def train_phases(
    network: FaceNetwork,
    faces: RunFaces,
    folder: Path,
    verbose: int,
    hosts: Hosts | None,
) -> dict[str, Any]:
    """Train the network, after a phase of separate streams if configured."""
    settings, crops = faces.settings, (faces.train, faces.validation)
    stitched = settings.model.architecture == "cross_stitch"
    alone = ""
    if stitched and settings.train.alone_epochs:
        alone = _train_alone(network, crops, settings, folder, verbose, hosts)
    kept: Sequence[str] = ()
    teacher = None
    if faces.start:
        kept = faces.start.apply(network, settings.train.freeze, verbose).kept
        teacher = faces.start.teacher(network)
    training = fit_network(
        network, *crops, settings, folder, verbose, kept, teacher, hosts
    )
    return training | {"ended_early": alone or training["ended_early"]}


def _train_alone(
    network: FaceNetwork,
    crops: tuple[Crops, Crops],
    settings: Settings,
    folder: Path,
    verbose: int,
    hosts: Hosts | None,
) -> str:
    """Train every stream separately: the first phase of Misra et al.

    Without units and weight regularization, the streams of a network are
    independent; only the order of batches is shared. Return why training ended
    early.
    """
    model = settings.model
    alone = replace(
        settings,
        model=replace(
            model,
            stitch=replace(model.stitch, stages=[]),
            weight_regularization=replace(
                model.weight_regularization, form="none"
            ),
        ),
        # Streams of one task each share nothing to balance.
        weighting=replace(settings.weighting, balancing="none"),
        train=replace(settings.train, epochs=settings.train.alone_epochs),
    )
    inner = folder / "alone"
    inner.mkdir(exist_ok=True)
    remove_parts(inner)  # Parts of a run that was killed.
    if verbose:
        print("First phase: training each stream alone.")
    streams = build_network(alone, network.tasks, network.value_scales)
    training = fit_network(streams, *crops, alone, inner, verbose, hosts=hosts)
    trained = {w.path: w for w in load_model(inner).weights}
    for weight in network.weights:
        if weight.path in trained:
            weight.assign(trained[weight.path])
    if verbose:
        print("Second phase: training the stitched streams.")
    return training["ended_early"]
