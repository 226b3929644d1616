"""Process shards with Ray Data."""

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
STARTS = 5  # Ray's limit of 30 s is too short on a busy machine
LATE = "timed out"
LIMIT = "OPENCV_IO_MAX_IMAGE_PIXELS"
# One thread per worker, one worker per core. Read when libraries are loaded.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
}

# Ray reads these variables on import.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
# Ray warns for each worker that it may not be replaced, with any settings.
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")


def finish(
    shards: Sequence[Shard],
    faces: Path,
    model: str,
    megapixels: float,
    workers: int,
    address: str | None = None,
) -> Generator[Outcome, None, None]:
    """Process shards; dead workers are replaced and their shards repeated.

    Args:
        shards: the unfinished shards.
        faces: the output folder.
        model: a network for `Predictor.load`.
        megapixels: maximum size of a photo.
        workers: number of workers, one core each.
        address: address of a Ray cluster, such as "auto"; None starts Ray on
            this machine.

    Yields:
        Outcomes, in the order in which shards finish.

    Raises:
        InputError: if Ray cannot start, or gives up.
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
    """Return Ray's table of outcomes, which is processed as it is read."""
    table = ray.data.from_items(
        [asdict(shard) for shard in shards],
        override_num_blocks=len(shards),  # Ray repeats whole blocks.
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
    """Start Ray on this machine, or join a cluster.

    Raises:
        InputError: if the cluster is missing.
    """
    # OpenCV's limit, which it reads on import, and facemtl's.
    limit = {LIMIT: str(int(megapixels * MILLION)), VARIABLE: str(megapixels)}
    here = {
        "num_cpus": workers,
        "include_dashboard": False,
        "object_store_memory": 256 * MEGABYTE,  # It does not store photos.
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
    """Return why Ray could not start, or ""."""
    try:
        ray.init(**options)
    except Exception as error:  # A late node raises no specific class.
        ray.shutdown()
        return str(error).strip().splitlines()[0]
    return ""
