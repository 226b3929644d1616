"""`facemtl demo`: a page on this computer, for photos and the camera."""

import argparse
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from facemtl.arguments import whole_number
from facemtl.errors import InputError
from facemtl.pages import guide
from facemtl.presets import pretrained_names
from facemtl.process.display import has_display

if TYPE_CHECKING:
    from facemtl.demo.server import DemoServer

__all__ = ["main", "parser"]

FIRST_PORT, PORTS = 8765, 20
LARGEST_PORT = 65535


def parser() -> argparse.ArgumentParser:
    """Return the command's argument parser."""
    parser = argparse.ArgumentParser(
        prog="facemtl demo",
        description="Serve a page on this computer that predicts the faces of "
        "photos and of the camera. Nothing leaves the computer, and nothing "
        "is stored.",
        epilog=guide("docs/predict.md"),
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        nargs="+",
        action="extend",
        default=[],
        help=f"networks to offer beside {', '.join(pretrained_names())}: run "
        "folders, .keras, .tflite or .onnx files, SavedModels, or folders of "
        "exports; the first one is chosen at the start",
    )
    parser.add_argument(
        "--port",
        metavar="N",
        type=whole_number,
        help="the page's port; 0 is any free one (default: the first free one "
        f"from {FIRST_PORT} on)",
    )
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="do not open the page in a browser",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the page until Ctrl-C; return the exit status."""
    args = parser().parse_args(argv)
    ports = _checked_ports(args.port)
    # Local imports, because --help must answer at once.
    from facemtl.demo.networks import Networks
    from facemtl.demo.server import open_server

    networks = Networks(args.model)
    with open_server(networks, ports) as server:
        print(f"Open {server.address} (Ctrl-C ends the demo).", flush=True)
        # Browsers of a terminal would take it over.
        if not args.no_browser and has_display():
            webbrowser.open(server.address)
        _serve(server)
    networks.close()
    return 0


def _serve(server: "DemoServer") -> None:
    """Serve until Ctrl-C.

    In a thread of its own: an interrupt inside of the server would close the
    connection of a request that another thread answers.
    """
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    with suppress(KeyboardInterrupt):
        while serving.is_alive():
            serving.join(1)  # On Windows, Ctrl-C waits for the end of it.
    server.shutdown()


def _checked_ports(port: int | None) -> Sequence[int]:
    """Return the ports to try.

    Raises:
        InputError: for a number that is no port.
    """
    if port is None:
        return range(FIRST_PORT, FIRST_PORT + PORTS)
    if not 0 <= port <= LARGEST_PORT:
        raise InputError(
            f"Expected --port as 0 to {LARGEST_PORT}. Received: {port}."
        )
    return [port]
