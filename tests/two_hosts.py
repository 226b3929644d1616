"""Train by two processes, as by two machines, and print what came of it.

    python two_hosts.py FOLDER

Workers are forked from a process in which TensorFlow has done nothing.
"""

import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from two_devices import numbers, split_exactly

import facemtl
from facemtl.process.cluster import named_cluster
from facemtl.training.callbacks.follow import FollowFirst
from facemtl.training.hosts import Hosts

SETTINGS = (
    *("data.source=synthetic", "data.faces=30", "data.cache="),
    *("model.tasks=['landmarks', 'smile']", "model.width=0.1"),
    *("train.batch_size=9", "train.epochs=2", "train.threads=1"),
    # Decided from the validation faces, which the first worker alone sees.
    "stopping.method=threshold",
)

LONGEST = 300  # seconds; a worker that waits for longer is ended


def free_ports(n: int = 2) -> list[int]:
    """Ports that no other process uses."""
    sockets = [socket.create_server(("", 0)) for _ in range(n)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def forked(work: Callable[[], Any], cluster: dict[str, Any] | None) -> int:
    """Do the work in a process of its own; return its number."""
    process = os.fork()
    if process:
        return process
    signal.alarm(LONGEST)
    if cluster:
        os.environ["TF_CONFIG"] = json.dumps(cluster)
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def ended(*processes: int) -> list[int]:
    """Wait for processes; return their statuses, negative for signals."""
    found = [os.waitpid(process, 0)[1] for process in processes]
    return [os.waitstatus_to_exitcode(status) for status in found]


def pair(work: Callable[[], Any]) -> list[int]:
    """Do the work in two workers; return their statuses."""
    workers = [f"localhost:{port}" for port in free_ports()]
    clusters = [
        {
            "cluster": {"worker": workers},
            "task": {"type": "worker", "index": number},
        }
        for number in range(2)
    ]
    return ended(*(forked(work, cluster) for cluster in clusters))


def steps(folder: Path) -> None:
    """Save the weights before and after ten steps in float64."""
    cluster, strategy = named_cluster(), None
    if cluster:
        config = facemtl.load_config("split", settings=SETTINGS)
        strategy = Hosts(cluster, config).strategy
    keras.config.set_dtype_policy("float64")
    number = cluster.number if cluster else "one"
    np.savez(folder / f"{number}.npz", *split_exactly(strategy))


def train(folder: Path, killed: bool = False) -> None:
    """Run; the first worker may be killed after an epoch."""
    follow = FollowFirst.on_epoch_begin

    def kill(self: Any, epoch: int, logs: Any = None) -> None:
        if epoch == 1 and self.hosts.first:
            # TensorFlow would catch it, and go on.
            os.kill(os.getpid(), signal.SIGTERM)
        follow(self, epoch, logs)

    if killed:
        FollowFirst.on_epoch_begin = kill
    number = named_cluster().number
    config = facemtl.load_config("split", settings=SETTINGS)
    said = "ended"
    try:
        report = facemtl.train(config, folder, True, verbose=0, test=False)
        said = ", ".join(report)
    except facemtl.InputError as error:
        said = str(error)
    (folder.parent / f"{folder.name}{number}.txt").write_text(said)


def state(folder: Path) -> np.ndarray:
    """The numbers of a run's state."""
    with np.load(folder / "state.npz") as kept:
        return numbers({name: kept[name] for name in kept.files})


def main(folder: Path) -> dict[str, Any]:
    """Compare two workers with one, and a resumed run with an unbroken one."""
    whole, cut = folder / "whole", folder / "cut"
    found: dict[str, Any] = {
        "one": ended(forked(lambda: steps(folder), None)),
        "steps": pair(lambda: steps(folder)),
        "whole": pair(lambda: train(whole)),
        "killed": pair(lambda: train(cut, killed=True)),
    }
    found["line"] = (folder / "cut1.txt").read_text()
    found["resumed"] = pair(lambda: train(cut))
    found["reports"] = [
        (folder / f"cut{number}.txt").read_text() for number in range(2)
    ]
    found["same"] = bool(np.array_equal(state(whole), state(cut)))
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
