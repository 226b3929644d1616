"""Load-test the server with 10,000 requests, some invalid, and kill a worker.

    export/apps/server/check.sh [--data data/MTFL] [--requests 10000]

Every response is compared with predictions of one process without a server.
"""

import argparse
import json
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from facemtl.arguments import checked_count
from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.export.apps.server.cases import bad_cases, good_cases, in_turn
from facemtl.export.apps.server.memory import Memory
from facemtl.export.apps.server.result import write_result
from facemtl.export.apps.server.sent import HALF_BODY, opened
from facemtl.export.apps.server.started import HOST, started
from facemtl.files.destinations import check_folder
from facemtl.inference.predictor import Predictor
from facemtl.process.cli import run
from facemtl.process.environment import machine, versions
from facemtl.tasks import MTFL_TASKS

HERE = Path(__file__).parent
PHOTOS = 60
REQUESTS = 10_000
BAD_EVERY = 10
KILLED = 4000  # requests of the second round, in which a worker is killed


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="base")
    parser.add_argument("--data", help="folder of MTFL (default: synthetic)")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--out", default=HERE)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Start a server, send requests, and write the result."""
    args = parser().parse_args(argv)
    args.out = check_folder(args.out, "--out")
    checked_count("--requests", args.requests)
    good = good_cases(some_faces(args.data), Predictor.load(args.model))
    bad = bad_cases(good[0].photo())
    cases = in_turn(good, bad, args.requests, BAD_EVERY)
    with started(args.model) as server:
        send(cases[:200])  # The first requests wait for the detector to load.
        with Memory(server.pid) as memory:
            load = send(cases)
        opened(HALF_BODY).close()  # A client that disconnects.
        killed = kill_midway(server.pid, cases[:KILLED])
    result = {
        "command": command(args),
        "model": args.model,
        "photos": f"{PHOTOS} of {args.data or 'drawn faces'}",
        "machine": machine(),
        "versions": versions("mlserver", "locust", "ai-edge-litert"),
        "load": load,
        "memory": memory.numbers(),
        "worker_killed": killed,
    }
    write_result(result, args.out / "result.json")
    return int(load["wrong_answers"] + killed["wrong_after"] > 0)


def command(args: argparse.Namespace) -> str:
    """Return a command that repeats the measurement."""
    words = ["export/apps/server/check.sh"]
    words += [f"--model {args.model}"] * (args.model != "base")
    words += ["--data data/MTFL"] * bool(args.data)
    words += [f"--requests {args.requests}"] * (args.requests != REQUESTS)
    return " ".join(words)


def some_faces(data: str | None) -> Faces:
    """Return the faces whose photos are sent."""
    if not data:
        return synthetic_faces(PHOTOS)
    faces = load_split(data, "test", MTFL_TASKS, BadRows())
    return faces.select(np.linspace(0, len(faces) - 1, PHOTOS).astype(int))


def send(cases: Sequence[Any]) -> dict[str, Any]:
    """Send cases; return the result of `load.py`."""
    with sending(cases) as (process, out):
        process.wait()
        return json.loads(out.read_text("utf-8"))


@contextmanager
def sending(cases: Sequence[Any]) -> Iterator[tuple[Any, Path]]:
    """Start a process that sends cases; yield it and its output file."""
    file, out = (
        Path("build/server/cases.pickle"),
        Path("build/server/load.json"),
    )
    file.write_bytes(pickle.dumps(list(cases)))
    out.unlink(missing_ok=True)
    module = "facemtl.export.apps.server.load"
    words = [sys.executable, "-m", module, HOST, str(file), str(out)]
    yield subprocess.Popen(words), out


def kill_midway(server: int, cases: Sequence[Any]) -> dict[str, Any]:
    """Kill a worker under load; return its effect on clients."""
    with sending(cases) as (process, out):
        time.sleep(4)
        worker = workers(server)[0]
        worker.kill()
        process.wait()
        load = json.loads(out.read_text("utf-8"))
    # The new worker loads its network.
    time.sleep(10)
    return {
        "requests": load["requests"],
        "lost": load["wrong_answers"],
        "first_lost": load["first_wrong"],
        "workers_after": len(workers(server)),
        "wrong_after": send(cases[:200])["wrong_answers"],
    }


def workers(server: int) -> list[psutil.Process]:
    """Return the server's processes with a network, which are the largest."""
    children = psutil.Process(server).children(recursive=True)
    sizes = {child: child.memory_info().rss for child in children}
    return [x for x in children if sizes[x] > max(sizes.values()) / 2]


if __name__ == "__main__":
    run(main)
