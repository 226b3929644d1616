"""The paths of the V2 protocol that the server has."""

from collections.abc import Sequence

SERVER = (
    "/v2",
    "/v2/health/live",
    "/v2/health/ready",
    "/v2/docs/dataplane.json",
)
MODEL = ("", "/ready", "/infer", "/generate", "/docs/dataplane.json")


def paths_of(models: Sequence[str]) -> list[str]:
    """Every path that the server has for models of these names.

    Example:

    >>> paths_of(["faces"])[-2]
    '/v2/models/faces/generate'
    """
    own = [f"/v2/models/{name}{rest}" for name in models for rest in MODEL]
    return [*SERVER, *own]
