"""The identity of a network: a digest of its settings and weights."""

import hashlib
import json

import numpy as np

from facemtl.models.network import FaceNetwork


def network_digest(network: FaceNetwork) -> str:
    """Return a SHA-256 digest that is independent of how a network is saved.

    Example:

    >>> from facemtl.tasks import SMILE
    >>> network = FaceNetwork((SMILE,), width=0.1)
    >>> network_digest(network) == network_digest(network.with_mirror())
    False
    """
    config = network.get_config()
    del config["name"]  # The name depends on the networks built before.
    if config["architecture"] != "mmoe":
        # Files that were written before there were experts stay valid.
        del config["experts"]
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    # The order of `weights` may differ after loading.
    for weight in sorted(network.weights, key=lambda weight: weight.path):
        digest.update(f"{weight.path} {tuple(weight.shape)} ".encode())
        numbers = np.asarray(weight.numpy(), np.float32)
        digest.update(np.ascontiguousarray(numbers).tobytes())
    return digest.hexdigest()
