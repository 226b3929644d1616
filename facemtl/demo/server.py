"""The server of `facemtl demo`: one page, and predictions for it.

It listens on the loopback address alone. Its page is the only one that can use
it: requests of other sites have another `Host` or `Origin`.
"""

import json
import sys
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qsl

from facemtl.demo.networks import Networks
from facemtl.detection.settings import SCORE
from facemtl.errors import InputError
from facemtl.words import one_line

HOST = "127.0.0.1"
MOST_BYTES = 32 * 2**20  # of a photo's file
PAGE = Path(__file__).parent / "page"
FILES = {
    "/": ("index.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/demo.js": ("demo.js", "text/javascript"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self'; connect-src 'self'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Refused(InputError):
    """Raised for a request that is refused.

    Args:
        status: the HTTP status.
        message: one line.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class DemoServer(ThreadingHTTPServer):
    """Serves the page and predicts photos.

    Args:
        networks: the networks to choose from.
        port: the port; 0 for any free one.

    Attributes:
        address: the page's address.
        hosts: values of `Host` in requests of the page.
    """

    # Windows would let two programs share a port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, networks: Networks, port: int) -> None:
        self.networks = networks
        super().__init__((HOST, port), DemoHandler)
        port = self.server_port
        self.address = f"http://{HOST}:{port}/"
        self.hosts = {f"{name}:{port}" for name in (HOST, "localhost")}
        if port == 80:  # Browsers leave it out.
            self.hosts |= {HOST, "localhost"}

    def server_bind(self) -> None:
        """Bind without a look-up of the host's name, which can take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]

    def handle_error(self, *_: Any) -> None:
        """Print an error in one line; a closed tab is none."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            print(f"error: {_described(error)}", file=sys.stderr)


class DemoHandler(BaseHTTPRequestHandler):
    """Handles one request."""

    server: DemoServer
    server_version, sys_version = "facemtl", ""
    timeout = 30  # seconds to wait for a request's bytes

    def do_GET(self) -> None:
        """Send the page's files and the names of the networks."""
        self._respond(self._get)

    def do_POST(self) -> None:
        """Predict the photo in the request's body."""
        self._respond(self._post)

    def log_message(self, *_: Any) -> None:
        """Print no line for a request."""

    def _respond(self, work: Callable[[], tuple[str, bytes]]) -> None:
        """Send the type and bytes that `work` returns, or its error."""
        try:
            status, (kind, body) = 200, work()
        except InputError as error:
            status = error.status if isinstance(error, Refused) else 400
            kind, body = "text/plain", str(error).encode()
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:  # The page shows it, as the terminal does.
            status = 500
            kind, body = "text/plain", _described(error).encode()
            print(f"error: {_described(error)}", file=sys.stderr)
        self._send(status, kind, body)

    def _check_source(self) -> None:
        """Refuse pages of other sites, as by a name that means 127.0.0.1.

        Raises:
            Refused: for another `Host` or `Origin`.
        """
        hosts = self.server.hosts
        host, origin = self.headers["Host"], self.headers["Origin"]
        ours = origin is None or origin in {f"http://{x}" for x in hosts}
        if host not in hosts or not ours:
            raise Refused(
                403,
                f"Expected requests of {self.server.address}. Received: one "
                f"for {host or 'no host'} from {origin or 'no page'}.",
            )

    def _get(self) -> tuple[str, bytes]:
        self._check_source()
        path = self.path.partition("?")[0]
        if path == "/networks":
            networks = self.server.networks
            known: dict[str, Any] = {"names": networks.names}
            known |= {"default": networks.default, "min_score": SCORE}
            known["most_bytes"] = MOST_BYTES
            return "application/json", json.dumps(known).encode()
        if path not in FILES:
            raise Refused(404, f"Expected one of {[*FILES]}. Received: {path}.")
        name, kind = FILES[path]
        return kind, (PAGE / name).read_bytes()

    def _post(self) -> tuple[str, bytes]:
        # Read first: what is left unread would cut the connection.
        body = self._body()
        self._check_source()
        path, _, query = self.path.partition("?")
        if path != "/predict":
            raise Refused(404, f"Expected /predict. Received: {path}.")
        asked = dict(parse_qsl(query))
        networks = self.server.networks
        name = asked.get("model", networks.default)
        score = _number(asked.get("min_score", str(SCORE)))
        faces = networks.predict(name, body, score)
        return "application/json", faces.to_json().encode()

    def _body(self) -> bytes:
        """Return the request's body.

        Raises:
            Refused: for a body without a length, or of more than 32 MB.
        """
        text = self.headers["Content-Length"] or ""
        if not (text.isascii() and text.isdigit()):
            raise Refused(
                411, f"Expected Content-Length in bytes. Received: {text!r}."
            )
        if len(text) > 12 or int(text) > MOST_BYTES:
            raise Refused(
                413,
                f"Expected a photo of at most {MOST_BYTES // 2**20} MB. "
                f"Received: {text} bytes.",
            )
        return self.rfile.read(int(text))

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        charset = "" if kind == "application/json" else "; charset=utf-8"
        self.send_header("Content-Type", kind + charset)
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def open_server(networks: Networks, ports: Sequence[int]) -> DemoServer:
    """Return a server on the first port that is free.

    Args:
        networks: the networks to choose from.
        ports: the ports to try.

    Raises:
        InputError: if none is free.
    """
    reason = ""
    for port in ports:
        try:
            return DemoServer(networks, port)
        except OSError as error:
            reason = error.strerror or str(error)
    tried = " to ".join(str(x) for x in sorted({ports[0], ports[-1]}))
    raise InputError(
        f"Expected a free port. Received: {tried} ({reason}). Choose another "
        "with --port."
    )


def _number(text: str) -> float:
    """Return the number in a query; NaN for other text, which is refused."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _described(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {one_line(str(error))}"
