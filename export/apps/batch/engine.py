"""Ray Data: shards in, outcomes out, as they come."""

import logging
import os
import sys
from collections.abc import Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from facemtl.errors import InputError
from facemtl.photos.limits import MILLION, VARIABLE
from facemtl.process.streams import on_terminal

from .shards import Shard
from .summary import Outcome
from .worker import Worker

MEGABYTE = 2**20
STARTS = 5  # of Ray: it gives up after 30 s, too few on a busy machine
LATE = "timed out"
LIMIT = "OPENCV_IO_MAX_IMAGE_PIXELS"
# One thread: there is a worker a core. Read when the libraries are loaded.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
}

# Before Ray is imported: it reads them then.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
# It warns of each worker, whatever is done, that one may not be replaced.
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")


def finish(
    shards: Sequence[Shard],
    faces: Path,
    model: str,
    megapixels: float,
    workers: int,
    address: str | None = None,
) -> Generator[Outcome, None, None]:
    """Have shards answered; a worker that dies is replaced, its shard redone.

    Args:
        shards: those that are not finished.
        faces: the folder of the output.
        model: whatever `Predictor.load` takes.
        megapixels: the most a photo may have.
        workers: how many, with a core each.
        address: of a Ray cluster, such as "auto"; None starts one here.

    Yields:
        Outcomes, in the order in which shards are finished.

    Raises:
        InputError: if Ray cannot be started, or gives up.
    """
    import ray  # type: ignore[import-not-found]
    import ray.data  # type: ignore[import-not-found]

    start(ray, workers, address, megapixels)
    given = (model, str(faces), megapixels)
    try:
        for row in _answered(ray, shards, given, workers).iter_rows():
            yield Outcome(**row)
    except ray.exceptions.RayError as error:
        reason = str(error).strip().splitlines()[-1]
        raise InputError(f"Expected Ray to go on. Received: {reason}") from None
    finally:
        ray.shutdown()


def _answered(
    ray: Any, shards: Sequence[Shard], given: tuple[Any, ...], workers: int
) -> Any:
    """Ray's table of outcomes, worked on as it is read."""
    table = ray.data.from_items(
        [asdict(shard) for shard in shards],
        override_num_blocks=len(shards),  # What is redone is a block.
    )
    return table.map_batches(
        Worker,
        fn_constructor_args=given,
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(
            size=min(workers, len(shards)), max_tasks_in_flight_per_actor=2
        ),
        num_cpus=1,
    )


def start(
    ray: Any, workers: int, address: str | None, megapixels: float
) -> None:
    """Start Ray here, or join a cluster.

    Raises:
        InputError: if there is no such cluster.
    """
    # OpenCV's own limit, which it reads when it is loaded, and facemtl's.
    limit = {LIMIT: str(int(megapixels * MILLION)), VARIABLE: str(megapixels)}
    here = {
        "num_cpus": workers,
        "include_dashboard": False,
        "object_store_memory": 256 * MEGABYTE,  # Photos do not pass through it.
    }
    options = {
        "address": address or "local",
        "runtime_env": {"env_vars": ENVIRONMENT | limit},
        "logging_level": logging.ERROR,
        "log_to_driver": False,
        **({} if address else here),
    }
    for left in reversed(range(STARTS)):
        reason = _try_to_start(ray, options)
        if not reason:
            break
        if not left or LATE not in reason:
            raise InputError(
                f"Expected Ray at {address or 'this machine'}. "
                f"Received: {reason}"
            )
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = on_terminal(sys.stderr)


def _try_to_start(ray: Any, options: dict[str, Any]) -> str:
    """Why Ray could not be started, or ""."""
    try:
        ray.init(**options)
    except Exception as error:  # A late node is of no class of its own.
        ray.shutdown()
        return str(error).strip().splitlines()[0]
    return ""
