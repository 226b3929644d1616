"""`LimitedGRPC`: MLServer's gRPC with limits, without a repository."""

import math
from typing import Any

import grpc
from grpc import aio
from mlserver.errors import MLServerError
from mlserver.grpc.dataplane_pb2_grpc import (
    add_GRPCInferenceServiceServicer_to_server,
)
from mlserver.grpc.interceptors import PromServerInterceptor
from mlserver.grpc.server import GRPCServer
from mlserver.grpc.servicers import InferenceServicer
from mlserver.grpc.utils import STATUS_CODE_MAPPING
from mlserver.types import InferenceRequest, InferenceResponse

from facemtl.export.apps.server.limits import Limits
from facemtl.words import one_line

# HTTP statuses that MLServer would map to an unknown error.
CODES = {
    403: grpc.StatusCode.PERMISSION_DENIED,
    408: grpc.StatusCode.DEADLINE_EXCEEDED,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
}
# Limits of one connection.
STREAMS = 32
# Maximum age of a connection, which limits incomplete messages. Clients
# reconnect by themselves.
AGE_SECONDS, GRACE_SECONDS = 120, 30


class Servicer(InferenceServicer):
    """The calls; tensors that are invalid in V2 are refused."""

    def _InsertHeaders(self, request: Any, context: Any) -> InferenceRequest:
        try:
            return super()._InsertHeaders(request, context)
        except Exception as error:  # NumPy raises any kind for raw contents.
            raise MLServerError(
                "Expected tensors whose contents fit their shape and "
                f"datatype. Received: {one_line(str(error))[:200]}.",
                400,
            ) from None


class WithoutNull:
    """A data plane for gRPC, which replaces null by NaN in numbers.

    Args:
        plane: the data plane that predicts.
    """

    def __init__(self, plane: Any) -> None:
        self._plane = plane

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plane, name)

    async def infer(self, **given: Any) -> InferenceResponse:
        """Return the predictions for a request."""
        response = await self._plane.infer(**given)
        for output in response.outputs:
            values = output.data.root
            output.data.root = [math.nan if x is None else x for x in values]
        return response


class LimitedGRPC(GRPCServer):
    """MLServer's gRPC server with the limits of HTTP, where possible.

    Args:
        limits: limits of every request.
        given: arguments of `GRPCServer`.
    """

    def __init__(self, limits: Limits, **given: Any) -> None:
        super().__init__(**given)
        self._limits = limits

    def _create_server(self) -> Any:
        STATUS_CODE_MAPPING.update(CODES)
        servicer = Servicer(
            WithoutNull(self._data_plane), self._model_repository_handlers
        )
        self._server = aio.server(
            interceptors=[PromServerInterceptor()],
            options=options(self._limits),
            maximum_concurrent_rpcs=self._limits.requests,
        )
        add_GRPCInferenceServiceServicer_to_server(servicer, self._server)
        host, port = self._settings.host, self._settings.grpc_port
        self._server.add_insecure_port(f"{host}:{port}")
        return self._server


def options(limits: Limits) -> list[tuple[str, int]]:
    """Return gRPC's settings of all connections."""
    return [
        ("grpc.max_receive_message_length", limits.body),
        ("grpc.max_send_message_length", limits.body),
        ("grpc.max_concurrent_streams", STREAMS),
        ("grpc.max_metadata_size", 16 * 1024),
        ("grpc.server_handshake_timeout_ms", int(limits.body_seconds * 1000)),
        ("grpc.max_connection_age_ms", AGE_SECONDS * 1000),
        ("grpc.max_connection_age_grace_ms", GRACE_SECONDS * 1000),
    ]
