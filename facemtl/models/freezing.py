"""Freeze the first layers of a network."""

from keras.layers import Layer

from facemtl.errors import InputError
from facemtl.models.blocks import build_stages
from facemtl.models.network import FaceNetwork
from facemtl.mtl.architectures import MMoE

FREEZE = ("none", "trunk")


def freeze(network: FaceNetwork, until: str) -> list[Layer]:
    """Stop the training of a network's first layers, in place.

    Their normalization then uses its stored mean and variance. Units that mix
    the streams after a stage belong to it. The attention and the gates of a
    task do not.

    Args:
        network: the network.
        until: `"none"`, `"trunk"` for all stages, or the name of the last
            stage to freeze, such as `"pool2"`.

    Returns:
        The frozen layers, which could be trained before.

    Raises:
        InputError: for another name.
    """
    if until == "none":
        return []
    config = network.get_config()
    keys = ("blocks", "width", "activation", "normalization", "channels")
    stages = build_stages(
        **{key: config[key] for key in (*keys, "fc_normalization")}
    )
    names = [stage.name for stage in stages]
    if until not in (*FREEZE, *names):
        raise InputError(
            f"Expected train.freeze in {[*FREEZE, *names]}. "
            f"Received: {until!r}."
        )
    last = len(names) if until == "trunk" else names.index(until) + 1
    first = {layer.name for stage in stages[:last] for layer in stage.layers}
    first |= {f"stitch_{name}" for name in names[:last]}
    found = [layer for layer in network.layers if layer.name in first]
    shared = [x.copies if isinstance(x, MMoE) else [x] for x in found]
    parts = [part for copies in shared for part in copies if part.trainable]
    for part in parts:
        part.trainable = False
    return parts
