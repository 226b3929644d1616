"""Check the head and the bytes of a request before it is parsed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from facemtl.export.apps.server.bodies import check_size
from facemtl.export.apps.server.limits import Limits, Refused
from facemtl.words import one_line

REPOSITORY = "/v2/repository"
SERVER = (
    "/v2",
    "/v2/health/live",
    "/v2/health/ready",
    "/v2/docs/dataplane.json",
)
MODEL = ("", "/ready", "/infer", "/generate", "/docs/dataplane.json")
NO_REPOSITORY = (
    "Expected no calls of the model repository: they are off. To serve "
    "another model, start the server with it."
)
# Why a path is refused.
NOTHING = {
    "docs": "Expected no pages of documentation: they load scripts from "
    "another host. See /v2/docs/dataplane.json.",
    "stream": "Expected /infer. Received: a call for a stream, which this "
    "model has not.",
    "": "Expected a path of the V2 protocol, of a model that is there. "
    "Received: {path}, which is not found.",
}


def too_late(seconds: float) -> Refused:
    """Return the refusal of a request that takes too long."""
    return Refused(
        429,
        f"Expected a request that is worked on within {seconds:g} s. Received: "
        "a larger one, or too many at a time; send it again later.",
    )


def check_head(
    scope: dict[str, Any], paths: Collection[str], limits: Limits
) -> None:
    """Check the path and headers of a request.

    Raises:
        Refused: 403 for calls of the model repository, 404 for other paths,
            413 for a large body, 415 for a compressed one.
    """
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    if path.startswith(REPOSITORY):
        raise Refused(403, NO_REPOSITORY)
    if path not in paths:
        raise Refused(404, _why_nothing(path))
    for name, value in scope["headers"]:  # Names may be repeated.
        text = value.decode("latin-1").strip().lower()
        if name == b"content-encoding" and text not in ("", "identity"):
            raise Refused(
                415,
                "Expected a body that is not compressed. "
                f"Received: {text[:40]!r}.",
            )
        if name == b"content-length" and value[:20].isdigit():
            check_size(int(value[:20]), limits)


def _why_nothing(path: str) -> str:
    last = path.rstrip("/").rpartition("/")[2]
    reason = NOTHING["docs"] if last in ("docs", "redoc") else NOTHING[""]
    if last.endswith("_stream"):
        reason = NOTHING["stream"]
    return reason.format(path=one_line(path)[:80])


def check_values(body: bytes, limits: Limits) -> None:
    """Refuse JSON with too many values before it is parsed.

    Base64 contains no commas.

    Raises:
        Refused: 413.

    Example:

    >>> check_values(b"[1,2]", Limits())
    """
    count = sum(map(body.count, (b",", b"[", b"{")))
    if count > limits.values:
        raise Refused(
            413,
            f"Expected one photo and at most {limits.faces:,} boxes. "
            f"Received: JSON of {count:,} commas and brackets, more than "
            f"{limits.values:,}.",
        )


def wrong_body(faults: Sequence[Mapping[str, Any]]) -> str:
    """Return the error of a body that does not follow the protocol.

    Args:
        faults: errors from FastAPI.

    Example:

    >>> wrong_body([{"loc": ("body", "inputs"), "msg": "Field required"}])
    'Expected JSON of the V2 protocol. Received: inputs: Field required.'
    """
    first = faults[0] if faults else {}
    place = first.get("loc", ())[1:]
    where = ".".join(map(str, place)) or "no body"
    if where.isdigit():  # For invalid JSON, FastAPI reports the position.
        where = f"byte {where}"
    reason = (first.get("ctx") or {}).get("error") or first.get("msg", "")
    said = one_line(f"{where}: {reason}")[:200]
    return f"Expected JSON of the V2 protocol. Received: {said}."


def paths_of(models: Sequence[str]) -> list[str]:
    """Return all paths of the server for models of these names.

    Example:

    >>> paths_of(["faces"])[-2]
    '/v2/models/faces/generate'
    """
    own = [f"/v2/models/{name}{rest}" for name in models for rest in MODEL]
    return [*SERVER, *own]
