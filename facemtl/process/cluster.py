"""The machines that train one network together, as `TF_CONFIG` names them.

Each of them runs the same command. `TF_CONFIG` is TensorFlow's own environment
variable: {"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type":
"worker", "index": 0}}.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemtl.errors import InputError
from facemtl.files.lock import locked

NAME = "TF_CONFIG"
EXAMPLE = (
    '{"cluster": {"worker": ["a:2222", "b:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)
# In the order in which TensorFlow numbers them.
JOBS = ("chief", "worker")


@dataclass(frozen=True)
class Cluster:
    """The workers that train together, and which of them this process is.

    Attributes:
        workers: {name such as `"worker 0"`: address such as `"a:2222"`}.
        number: that of this process; the first worker, 0, writes the run.
    """

    workers: dict[str, str]
    number: int

    @property
    def first(self) -> bool:
        return self.number == 0

    def name(self, number: int) -> str:
        """Return a worker's name for messages.

        Example:

        >>> Cluster({"worker 0": "a:2222", "worker 1": "b:2222"}, 0).name(1)
        'worker 1 (b:2222)'
        """
        return "{} ({})".format(*list(self.workers.items())[number])

    def address(self, number: int) -> tuple[str, int]:
        """Return the host and the port of a worker."""
        host, _, port = list(self.workers.values())[number].rpartition(":")
        return host.strip("[]"), int(port)


def named_cluster() -> Cluster | None:
    """Return the cluster of `TF_CONFIG`; None for one machine.

    Raises:
        InputError: if its value is invalid.

    Example:

    >>> print(named_cluster())  # `TF_CONFIG` is not set.
    None
    """
    text = os.environ.get(NAME, "")
    try:
        known = json.loads(text or "{}")
        cluster = _cluster(known) if known else None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f" ({error.args[0]})" if type(error) is ValueError else ""
        raise InputError(
            f"Expected {NAME} such as {EXAMPLE}{reason}. Received: {text}. "
            "Correct it on each machine, or unset it to train on one."
        ) from None
    return cluster if cluster and len(cluster.workers) > 1 else None


def _cluster(known: Any) -> Cluster:
    """Return the cluster, or raise an error of Python's."""
    jobs, task = known["cluster"], known["task"]
    if not jobs or set(jobs) - set(JOBS):
        raise ValueError("with the jobs worker and chief alone")
    if len(jobs.get("chief", ())) > 1:
        raise ValueError("with one chief at most")
    workers = {
        f"{job} {i}": address
        for job in JOBS
        for i, address in enumerate(jobs.get(job, ()))
    }
    for address in workers.values():
        host, _, port = address.rpartition(":")
        if not (host and port.isdigit() and 0 < int(port) < 2**16):
            raise ValueError(f"where {address!r} has a host and a port")
    if len(set(workers.values())) < len(workers):
        raise ValueError("with an address of its own for each worker")
    own = f"{task['type']} {int(task['index'])}"
    if own not in workers:
        raise ValueError(f"with a task among {', '.join(workers)}")
    return Cluster(workers, list(workers).index(own))


@contextmanager
def run_folder(folder: Path, cluster: Cluster | None) -> Iterator[Path]:
    """Lock the run folder; workers other than the first get one to throw away.

    Example:

    >>> other = Cluster({"worker 0": "a:2222", "worker 1": "b:2222"}, 1)
    >>> with run_folder(Path("runs/mine"), other) as folder:
    ...     folder.is_dir(), folder.parent.name == "runs"
    (True, False)
    """
    if cluster is None or cluster.first:
        with locked(folder):
            yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="facemtl-") as name:
            yield Path(name)
