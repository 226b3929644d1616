"""Serve the models of a folder with MLServer, within limits.

    python -m facemtl.export.apps.server.serve export/apps/server/models

See the README for the limits, and `run.sh` for the environment.
"""

import argparse
import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from mlserver import MLServer, ModelSettings, Settings
from mlserver.cli.serve import load_settings
from mlserver.rest import RESTServer
from mlserver.rest.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from facemtl.export.apps.server.checks import paths_of, wrong_body
from facemtl.export.apps.server.connections import impatient
from facemtl.export.apps.server.grpc_server import LimitedGRPC
from facemtl.export.apps.server.guard import Guard
from facemtl.export.apps.server.limits import Limits, limits_from
from facemtl.export.apps.server.plane import NoRepository, Plane
from facemtl.process.cli import run

# Maximum bytes of a request's headers.
HEADERS = 64 * 1024


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, help="folder of the settings")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal ends it."""
    args = parser().parse_args(argv)
    asyncio.run(serve(str(args.models), limits_from(os.environ)))
    return 0


async def serve(folder: str, limits: Limits) -> None:
    """Serve the models of a folder of settings."""
    settings, models = await load_settings(folder)
    # Settings in a file override those of the environment.
    settings.host = os.environ.get("MLSERVER_HOST") or settings.host
    server = LimitedServer(settings, models, limits)
    await server.start(models)


class LimitedServer(MLServer):
    """MLServer behind a guard.

    Args:
        settings: MLServer's settings.
        models: the served models.
        limits: limits of every request.
    """

    def __init__(
        self, settings: Settings, models: list[ModelSettings], limits: Limits
    ) -> None:
        self._limits = limits
        self._names = [model.name for model in models]
        super().__init__(settings)

    def _create_servers(self) -> None:
        # A copy: workers get the pickled settings, and these are not picklable.
        settings = self._settings.model_copy()
        settings._custom_rest_server_settings = uvicorn_settings(self._limits)
        settings._custom_metrics_server_settings = uvicorn_settings(
            self._limits
        )
        given = {
            "settings": settings,
            "data_plane": Plane(self._data_plane, self._names, self._limits),
            "model_repository_handlers": NoRepository(),
        }
        self._rest_server = RESTServer(**given)
        self._grpc_server = LimitedGRPC(self._limits, **given)
        self._kafka_server = None
        guarded(self._rest_server._app, self._limits, paths_of(self._names))
        if self._metrics_server:
            self._metrics_server._settings = settings
            own = [settings.metrics_endpoint]
            guarded(self._metrics_server._app, self._limits, own)


def guarded(app: Any, limits: Limits, paths: Sequence[str]) -> None:
    """Put a guard before a FastAPI application."""
    app.add_exception_handler(RequestValidationError, refuse_body)
    app.add_middleware(Guard, limits=limits, paths=paths)


async def refuse_body(request: Request, error: Exception) -> Response:
    """Return 422 in one line; FastAPI's response would repeat the body."""
    line = wrong_body(getattr(error, "errors", list[Any])())
    return Response(status_code=422, content={"error": line})


def uvicorn_settings(limits: Limits) -> dict[str, Any]:
    """Return uvicorn's settings of connections, separate for each server."""
    seconds, most = limits.body_seconds, limits.connections
    return {
        "http": impatient(H11Protocol, seconds, most),
        "ws": "none",
        "h11_max_incomplete_event_size": HEADERS,
    }


if __name__ == "__main__":
    run(main)
