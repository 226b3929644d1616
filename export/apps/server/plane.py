"""`Plane`: MLServer's data plane with limits, for HTTP and gRPC."""

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

from mlserver.errors import MLServerError, ModelNotFound
from mlserver.handlers import DataPlane
from mlserver.types import (
    InferenceRequest,
    InferenceResponse,
    Parameters,
    RequestInput,
)

from facemtl.export.apps.server.checks import (
    NO_REPOSITORY,
    NOTHING,
    too_late,
)
from facemtl.export.apps.server.limits import Limits, Refused
from facemtl.export.apps.server.tensors import check_tensors
from facemtl.words import one_line

# The prefix of a worker's error, which MLServer adds to the message.
ORIGINS = ("mlserver.errors.MLServerError: ", "mlserver.errors.")


class Plane:
    """A data plane that forwards allowed requests to MLServer's.

    Args:
        plane: MLServer's data plane.
        models: names of the served models.
        limits: limits of every request.
    """

    def __init__(
        self, plane: DataPlane, models: Collection[str], limits: Limits
    ) -> None:
        self._plane = plane
        self._models = frozenset(models)
        self._limits = limits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plane, name)

    async def infer(
        self,
        payload: InferenceRequest,
        name: str,
        version: str | None = None,
    ) -> InferenceResponse:
        """Return the predictions for a request.

        Raises:
            MLServerError: with a status, if it is refused or fails.
        """
        # Before MLServer counts it: every name would stay in its metrics.
        if name not in self._models or version:
            raise ModelNotFound(one_line(name)[:80], version)
        try:
            check_tensors(payload.inputs, self._limits.values)
            async with asyncio.timeout(self._limits.seconds):
                return await asyncio.shield(
                    self._plane.infer(_needed(payload), name)
                )
        except Refused as refused:
            raise MLServerError(str(refused), refused.status) from None
        except TimeoutError:
            late = too_late(self._limits.seconds)
            raise MLServerError(str(late), late.status) from None
        except MLServerError as error:
            raise MLServerError(_line(error), error.status_code) from None

    async def infer_stream(
        self, *_: Any, **__: Any
    ) -> AsyncIterator[InferenceResponse]:
        """Yield nothing: no model here has a stream."""
        raise MLServerError(NOTHING["stream"], 404)
        yield  # makes it an iterator


class NoRepository:
    """Refuse MLServer's calls to load and unload models."""

    async def index(self, *_: Any, **__: Any) -> Any:
        """Raise `MLServerError`, 403."""
        raise MLServerError(NO_REPOSITORY, 403)

    load = index
    unload = index


def _needed(payload: InferenceRequest) -> InferenceRequest:
    """Return only the inputs that the model reads."""
    return InferenceRequest.model_construct(
        id=payload.id,
        inputs=[_needed_input(tensor) for tensor in payload.inputs],
    )


def _needed_input(tensor: RequestInput) -> RequestInput:
    said = getattr(tensor.parameters, "content_type", None)
    return RequestInput.model_construct(
        name=tensor.name,
        shape=tensor.shape,
        datatype=tensor.datatype,
        parameters=Parameters(content_type=said),
        data=tensor.data,
    )


def _line(error: MLServerError) -> str:
    line = str(error)
    for origin in ORIGINS:
        line = line.removeprefix(origin)
    return one_line(line)
