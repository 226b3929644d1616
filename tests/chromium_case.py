"""A headless Chromium for tests, told what to do as DevTools tell it."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Chromium takes commands from its file 3 and answers in its file 4.
BROWSER_WITH_PIPES = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(x), fcntl.F_DUPFD_CLOEXEC, 10) for x in sys.argv[1:3]]
os.dup2(ends[0], 3), os.dup2(ends[1], 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""
PATIENCE = 60  # seconds


class Chromium:
    """A headless browser with one page, by its DevTools protocol."""

    def __init__(self, browser: str, profile: Path, *more: str) -> None:
        theirs, self._commands = os.pipe()
        self._answers, theirs_too = os.pipe()
        pipes = (theirs, theirs_too)
        words = [
            *(sys.executable, "-c", BROWSER_WITH_PIPES, *map(str, pipes)),
            *(browser, "--headless", "--no-sandbox", "--disable-gpu"),
            *("--remote-debugging-pipe", f"--user-data-dir={profile}"),
            *("--use-fake-device-for-media-stream", *more),
        ]
        silent = subprocess.DEVNULL
        self._process = subprocess.Popen(
            words, pass_fds=pipes, stdout=silent, stderr=silent
        )
        for end in pipes:
            os.close(end)
        self._sent, self._read, self._session = 0, b"", {}
        self.events: list[dict] = []
        page = self.do("Target.createTarget", url="about:blank")["targetId"]
        attached = self.do("Target.attachToTarget", targetId=page, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Network", "Runtime", "Accessibility", "DOM"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **params) -> dict:
        """Send one command; its result."""
        self._sent += 1
        command = {"id": self._sent, "method": method, "params": params}
        text = json.dumps(command | self._session).encode()
        os.write(self._commands, text + b"\0")
        while (said := self._next()).get("id") != self._sent:
            self.events.append(said)
        assert "error" not in said, said
        return said["result"]

    def _next(self) -> dict:
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._answers], [], [], PATIENCE)
            assert ready, "the browser says nothing"
            self._read += os.read(self._answers, 1 << 20)
        text, self._read = self._read.split(b"\0", 1)
        return json.loads(text)

    def js(self, code: str):
        """The value of an expression in the page, awaited."""
        done = self.do(
            "Runtime.evaluate",
            expression=code,
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def open(self, address: str, width: int = 1200) -> None:
        size = {"width": width, "height": 800, "deviceScaleFactor": 1}
        size["mobile"] = width < 500
        self.do("Emulation.setDeviceMetricsOverride", **size)
        self.do("Emulation.setTouchEmulationEnabled", enabled=width < 500)
        self.events.clear()
        self.do("Page.navigate", url=address)
        self.until("document.readyState === 'complete'")

    def until(self, condition: str) -> None:
        end = time.monotonic() + PATIENCE
        while not self.js(condition):
            assert time.monotonic() < end, f"never: {condition}"
            time.sleep(0.05)

    def close(self) -> None:
        self._session = {}
        self.do("Browser.close")
        self._process.wait(PATIENCE)
        os.close(self._commands)
        os.close(self._answers)


def needed(*programs: str) -> str:
    found = next(filter(None, map(shutil.which, programs)), None)
    if found is None:
        pytest.skip(f"needs one of {', '.join(programs)}")
    return found
