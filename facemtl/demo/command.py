"""`facemtl demo`: a page on this computer, for photos and the camera."""

import argparse
import webbrowser
from collections.abc import Sequence
from contextlib import suppress

from facemtl.arguments import whole_number
from facemtl.errors import InputError
from facemtl.presets import pretrained_names
from facemtl.process.display import has_display

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
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    networks.close()
    return 0


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
