"""Which network a file holds: a digest of its settings and weights."""

import hashlib
import json

import numpy as np

from facemtl.models.network import FaceNetwork


def network_digest(network: FaceNetwork) -> str:
    """A SHA-256 that is the same for one network however often it is saved.

    Example:

    >>> from facemtl.tasks import SMILE
    >>> network = FaceNetwork((SMILE,), width=0.1)
    >>> network_digest(network) == network_digest(network.with_mirror())
    False
    """
    config = network.get_config()
    del config["name"]  # Keras counts the networks of a process.
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    # Keras lists layers by their distance from the end, which changes.
    for weight in sorted(network.weights, key=lambda weight: weight.path):
        digest.update(f"{weight.path} {tuple(weight.shape)} ".encode())
        numbers = np.asarray(weight.numpy(), np.float32)
        digest.update(np.ascontiguousarray(numbers).tobytes())
    return digest.hexdigest()
