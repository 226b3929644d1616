"""The phases of a run: a first one of some layers, and that of all.

The first phase has a folder of its own inside the run folder, is resumed as a
run is, and gives its best network by validation to the second one.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from facemtl.files.places import remove_parts
from facemtl.models import FaceNetwork, load_model
from facemtl.models.freezing import freeze
from facemtl.pipeline.crop_cache import Crops
from facemtl.pipeline.teacher import Teacher
from facemtl.settings import Settings
from facemtl.training.hosts import Hosts
from facemtl.training.preparation import build_network
from facemtl.training.run_faces import RunFaces
from facemtl.training.run_report import Report
from facemtl.training.trainer import fit_network

# Folders of first phases.
ALONE, HEADS = "alone", "heads"


def train_phases(
    network: FaceNetwork,
    faces: RunFaces,
    folder: Path,
    verbose: int,
    hosts: Hosts | None = None,
) -> Report:
    """Train the network, after a first phase if one is configured.

    Args:
        network: the untrained network, which is trained in place.
        faces: the faces and settings of the run.
        folder: the run folder.
        verbose, hosts: see `fit_network`.

    Returns:
        As `fit_network`; `ended_early` may be that of the first phase.
    """
    settings, crops = faces.settings, (faces.train, faces.validation)
    kept: Sequence[str] = ()
    teacher = None
    early = ""
    if faces.start:
        done = faces.start.apply(network, verbose)
        kept, teacher = done.kept, faces.start.teacher(network)
        freeze(network, settings.train.freeze)
        first = _heads_epochs(settings) if done.new else 0
        # None, if train.freeze is the trunk in all epochs.
        frozen = freeze(network, "trunk") if first else []
        if frozen:
            heads = _with_epochs(settings, first)
            early = _train_heads(
                network, crops, heads, folder, verbose, kept, teacher, hosts
            )
            for layer in frozen:
                layer.trainable = True
            settings = _with_epochs(settings, settings.train.epochs - first)
    elif _streams_first(settings):
        early = _train_alone(network, crops, settings, folder, verbose, hosts)
    training = fit_network(
        network, *crops, settings, folder, verbose, kept, teacher, hosts
    )
    return training | {"ended_early": early or training["ended_early"]}


def _train_heads(
    network: FaceNetwork,
    crops: tuple[Crops, Crops],
    settings: Settings,
    folder: Path,
    verbose: int,
    kept: Sequence[str],
    teacher: Teacher | None,
    hosts: Hosts | None,
) -> str:
    """Train the heads on the features of a trained, frozen trunk.

    Gradients of random heads would change what the trunk knows. Reference:
    Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform
    Out-of-Distribution", ICLR 2022, section 3.4 (LP-FT). Return why training
    ended early.
    """
    _say("First phase: training the heads.", verbose)
    inner = _folder(folder, HEADS)
    training = fit_network(
        network, *crops, settings, inner, verbose, kept, teacher, hosts
    )
    _take(network, inner)
    _say("Second phase: training the other layers, too.", verbose)
    return str(training["ended_early"])


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
    settings = _with_epochs(settings, settings.train.alone_epochs)
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
    )
    _say("First phase: training each stream alone.", verbose)
    streams = build_network(alone, network.tasks, network.value_scales)
    inner = _folder(folder, ALONE)
    training = fit_network(streams, *crops, alone, inner, verbose, hosts=hosts)
    _take(network, inner)
    _say("Second phase: training the stitched streams.", verbose)
    return str(training["ended_early"])


def _heads_epochs(settings: Settings) -> int:
    """Return the epochs of the heads alone; at least one is left to all."""
    epochs = settings.train.epochs
    return min(round(settings.start.heads_first * epochs), epochs - 1)


def _streams_first(settings: Settings) -> bool:
    stitched = settings.model.architecture == "cross_stitch"
    return stitched and settings.train.alone_epochs > 0


def _with_epochs(settings: Settings, epochs: int) -> Settings:
    return replace(settings, train=replace(settings.train, epochs=epochs))


def _folder(folder: Path, name: str) -> Path:
    """Return the folder of a first phase, without parts of a killed run."""
    inner = folder / name
    inner.mkdir(exist_ok=True)
    remove_parts(inner)
    return inner


def _take(network: FaceNetwork, folder: Path) -> None:
    """Assign the weights of a first phase's best network."""
    trained = {w.path: w for w in load_model(folder).weights}
    for weight in network.weights:
        if weight.path in trained:
            weight.assign(trained[weight.path])


def _say(line: str, verbose: int) -> None:
    if verbose:
        print(line)
