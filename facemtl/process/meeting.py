"""Workers of a cluster meet before TensorFlow connects them.

TensorFlow would wait for a missing worker for more than ten minutes, in which
Ctrl-C does nothing, and would train with workers that have other settings.
"""

import json
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any

from facemtl.errors import InputError, RunFailed
from facemtl.process.cluster import Cluster
from facemtl.words import plural

WAIT = 600.0  # seconds for the last worker to come
ANSWER = 10.0  # seconds for a worker that has come to say what it is
LONGEST = 2**20  # characters that it may say

Said = Mapping[str, Any]


def meet(cluster: Cluster, said: Said, wait: float = WAIT) -> None:
    """Wait until all workers are there, and have said the same.

    Args:
        cluster: the workers.
        said: {what: value} of this worker, which JSON can hold.
        wait: seconds.

    Raises:
        InputError: if a worker says something else, or this one's port is in
            use.
        RunFailed: if workers do not come in time, or the first has ended.
    """
    said = {"workers of TF_CONFIG": cluster.workers, **said}
    # As the others receive it.
    said = json.loads(json.dumps(said))
    until = time.monotonic() + wait
    if cluster.first:
        with ExitStack() as stack:
            _receive(cluster, said, until, stack)
    else:
        _visit(cluster, said, until)


def _receive(
    cluster: Cluster, said: Said, until: float, stack: ExitStack
) -> None:
    """Wait for all others, and tell them to go on, or why not."""
    address = ("", cluster.address(0)[1])
    try:
        server = stack.enter_context(socket.create_server(address))
    except OSError as error:
        raise InputError(
            f"Expected a free port for {cluster.name(0)}. Received: "
            f"{error.strerror}. Wait for the end of an earlier run, or name "
            "another port in TF_CONFIG."
        ) from None
    guests: dict[int, socket.socket] = {}
    fault = ""
    while not fault and (missing := _missing(cluster, guests)):
        server.settimeout(max(until - time.monotonic(), 0.01))
        try:
            guest, _ = server.accept()
        except TimeoutError:
            raise RunFailed(
                f"Expected all {len(cluster.workers)} workers. Received: no "
                f"sign of {', '.join(missing)} yet. Start the same command on "
                "each machine, at about the same time."
            ) from None
        stack.enter_context(guest)
        heard = _heard(guest)
        number = int(heard.get("number") or 0)
        if number not in range(1, len(cluster.workers)):
            continue  # A port scan, or a worker of another cluster.
        guests[number] = guest
        fault = _fault(cluster, number, said, heard.get("said", {}))
    for number, guest in guests.items():
        _say(guest, {"fault": fault})
        if not fault and "ready" not in _heard(guest):
            fault = f"Expected {cluster.name(number)} to go on. It has ended."
    if fault:
        raise InputError(fault)


def _visit(cluster: Cluster, said: Said, until: float) -> None:
    """Wait for the first worker, and for its word to go on."""
    while True:
        try:
            with socket.create_connection(cluster.address(0), ANSWER) as own:
                _say(own, {"number": cluster.number, "said": said})
                own.settimeout(max(until - time.monotonic(), 0.01))
                heard = _heard(own, within=None)
                if "fault" in heard:
                    _say(own, {"ready": True})
                    break
                reason = "no answer"
        except OSError as error:
            reason = error.strerror or str(error)
        if time.monotonic() > until:
            raise RunFailed(
                f"Expected {cluster.name(0)}. Received: {reason}. Start the "
                "same command there, and see what it says."
            )
        time.sleep(0.3)
    if heard["fault"]:
        raise InputError(heard["fault"])


def _missing(cluster: Cluster, guests: Mapping[int, Any]) -> list[str]:
    others = range(1, len(cluster.workers))
    return [cluster.name(i) for i in others if i not in guests]


def _fault(cluster: Cluster, number: int, own: Said, other: Said) -> str:
    """Return in words what another worker says differently; "" if nothing."""
    names = [x for x in {**own, **other} if own.get(x) != other.get(x)]
    if not names:
        return ""
    shown = ", ".join(
        f"{x} {other.get(x)!r} beside {own.get(x)!r}" for x in names[:3]
    )
    more = len(names) - 3
    rest = f" and {more} {plural(more, 'other')}" if more > 0 else ""
    return (
        f"Expected the same of all workers. Received of {cluster.name(number)}"
        f": {shown}{rest}. Start the same command on each machine."
    )


def _say(other: socket.socket, words: Mapping[str, Any]) -> None:
    with suppress(OSError):  # Whoever has ended is noticed when it is heard.
        other.sendall(json.dumps(words).encode() + b"\n")


def _heard(
    other: socket.socket, within: float | None = ANSWER
) -> dict[str, Any]:
    """Return what another says in a line of JSON; {} for anything else."""
    if within is not None:
        other.settimeout(within)
    with suppress(OSError, ValueError), other.makefile("rb") as lines:
        words = json.loads(lines.readline(LONGEST))
        return words if isinstance(words, dict) else {}
    return {}
