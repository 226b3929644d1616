"""The web app: copied, built by npm, served, and opened in Chromium."""

import functools
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
from chromium_case import BROWSERS, Chromium, needed

from facemtl.presets import FOLDER

WEB = Path(__file__).parent.parent / "export/apps/web"
# The texts of a row of numbers in a table of the page.
CELLS = "[...places.tBodies[0].rows].map(r => [...r.cells].map("


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words) -> None:
        pass


def npm(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [needed("npm"), *words], cwd=folder, capture_output=True, text=True
    )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def in_checkout(folder: Path) -> Path:
    """The app with its packages, where a checkout has it beside facemtl."""
    app = folder / "export/apps/web"
    built = shutil.ignore_patterns("dist", "node_modules")
    shutil.copytree(WEB, app, ignore=built)
    (folder / "facemtl").symlink_to(FOLDER.parent)
    words = ("--prefer-offline", "--no-audit", "--no-fund")
    done = npm(app, "ci", *words)
    assert done.returncode == 0, done.stderr
    return app


@contextmanager
def browser(profile: Path, *words: str) -> Iterator[Chromium]:
    opened = Chromium(needed(*BROWSERS), profile, *words)
    try:
        yield opened
    finally:
        opened.close()


def allow_camera(chromium: Chromium, site: str, setting: str) -> None:
    """Answer `granted` or `denied` when the page asks for the camera."""
    camera = {"permission": {"name": "camera"}, "origin": site[:-1]}
    chromium.do("Browser.setPermission", **camera, setting=setting)


def choose_file(chromium: Chromium, file: Path) -> None:
    root = chromium.do("DOM.getDocument")["root"]["nodeId"]
    find = {"nodeId": root, "selector": "#file"}
    node = chromium.do("DOM.querySelector", **find)["nodeId"]
    chromium.do("DOM.setFileInputFiles", nodeId=node, files=[str(file)])


def shown_points(chromium: Chromium) -> np.ndarray:
    """x and y of the points in the table."""
    cells = chromium.js(f"{CELLS}c => c.textContent))")
    return np.array([row[1:3] for row in cells], float).reshape(-1, 2)


def errors(chromium: Chromium) -> list:
    """What the page's console calls an error."""
    return [
        event
        for event in chromium.events
        if event["method"] == "Runtime.exceptionThrown"
        or event["params"].get("type") == "error"
    ]


def write_photo(file: Path, photo: np.ndarray) -> None:
    assert cv2.imwrite(str(file), photo[..., ::-1])
