"""Training steps on several machines, which hold the same weights.

Each worker computes its part of a batch, as a device does in
`training.devices`. TensorFlow's collectives sum gradients and moments, and each
worker makes the same update. Where it is about one result, as in validation,
the first worker's counts.
"""

import faulthandler
import io
import json
import re
import signal
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from facemtl.config import Config
from facemtl.dotted_names import flat
from facemtl.errors import InputError, RunFailed
from facemtl.models.identity import network_digest
from facemtl.process.cluster import Cluster
from facemtl.process.environment import versions
from facemtl.process.meeting import meet
from facemtl.training.balancing import NONE
from facemtl.training.run_faces import RunFaces
from facemtl.training.run_rows import describe_rows
from facemtl.training.run_start import comparable

SUM = tf.distribute.ReduceOp.SUM
CONNECTED = 120  # seconds that TensorFlow may take, after all have met
SENT = ("state.npz", "model.keras")  # what a resumed run reads
BRIGHTER = 2.0  # of 255: another decoder's rounding is far below
# TensorFlow's, when another worker has ended.
GONE = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
)


class Hosts:
    """The workers that train together, connected by TensorFlow.

    Args:
        cluster: the workers.
        config: configuration of the run, with `train.threads` set.

    Raises:
        InputError: for settings that need one machine, settings or versions
            that differ between the workers, and a TensorFlow that has begun.
        RunFailed: if a worker does not come.
    """

    def __init__(self, cluster: Cluster, config: Config) -> None:
        self.cluster, self.first = cluster, cluster.first
        _check(cluster, config)
        settings = flat(comparable(config))
        meet(cluster, {**_versions(), **settings})
        self.strategy = _connected(cluster)
        self._summed = tf.function(
            lambda x: self.strategy.run(self._sum, (x,)),
            input_signature=[tf.TensorSpec([None], tf.int32)],
        )

    @staticmethod
    def _sum(words: Any) -> Any:
        context = tf.distribute.get_replica_context()
        return context.all_reduce(SUM, tf.identity(words))

    def shared(self, data: bytes) -> bytes:
        """Return the first worker's bytes; every worker calls this at once."""
        given = data if self.first else b""
        size = int(self._summed(np.array([len(given)], np.int32))[0])
        words = np.zeros(-(-size // 4), np.int32)
        words.view(np.uint8)[: len(given)] = np.frombuffer(given, np.uint8)
        return self._summed(words).numpy().tobytes()[:size]

    def begin(self, folder: Path, done: bool) -> bool:
        """Give the state of a resumed run to all workers.

        Args:
            folder: the run folder, or one to throw away.
            done: whether the run is finished.

        Returns:
            Whether the first worker's run is finished.
        """
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as files:
            files.writestr("done", json.dumps(bool(done)))
            for name in SENT if self.first else ():
                for file in folder.glob(f"**/{name}"):
                    files.write(file, file.relative_to(folder))
        found = io.BytesIO(self.shared(packed.getvalue()))
        with zipfile.ZipFile(found) as files:
            if not self.first:
                files.extractall(folder, set(files.namelist()) - {"done"})
            return bool(json.loads(files.read("done")))

    def check_faces(self, faces: RunFaces) -> None:
        """Raise unless this worker has the first one's faces and start."""
        own: dict[str, Any] = describe_rows(faces.parts())
        images = faces.train.images
        means = images.mean((1, 2, 3), dtype=np.float32).tolist()
        start = network_digest(faces.start.network) if faces.start else ""
        described = json.dumps([own, means, start]).encode()
        first, known, begun = json.loads(self.shared(described))
        name = self.cluster.name(0)
        if start != begun:
            raise InputError(
                f"Expected the network to start from of {name}. Received: "
                f"another {faces.start and faces.start.name}. Copy it from "
                "there."
            )
        if own != first:
            counts = [f"{x['faces']}" for x in (*own.values(), *first.values())]
            raise InputError(
                f"Expected the labels of {name}. Received: other ones, for "
                f"{' and '.join(counts[:2])} faces (training, validation) "
                f"beside {' and '.join(counts[2:])}. Copy the data from there."
            )
        other = np.abs(np.subtract(means, known)) > BRIGHTER
        if other.any():
            raise InputError(
                f"Expected the photos of {name}. Received: {other.sum()} that "
                f"differ, such as {faces.train.faces.names[other.argmax()]}. "
                "Copy the data from there."
            )


def _check(cluster: Cluster, config: Config) -> None:
    """Raise for settings that need one machine."""
    n, train = len(cluster.workers), config["train"]
    if (backend := keras.backend.backend()) != "tensorflow":
        raise InputError(
            f"Expected one worker in TF_CONFIG with Keras's backend {backend}. "
            f"Received: {n}. Set KERAS_BACKEND=tensorflow, or unset TF_CONFIG."
        )
    if train["devices"] != 1:
        raise InputError(
            f"Expected train.devices = 1 with the {n} workers of TF_CONFIG. "
            f"Received: {train['devices']}. Name a worker for each GPU, and "
            "start it with its own CUDA_VISIBLE_DEVICES."
        )
    if train["batch_size"] < n:
        raise InputError(
            f"Expected train.batch_size of at least {n}, the number of workers "
            f"in TF_CONFIG. Received: {train['batch_size']}."
        )
    if (balancing := config["weighting"]["balancing"]) != NONE:
        raise InputError(
            f"Expected weighting.balancing = {NONE!r} with the {n} workers of "
            f"TF_CONFIG. Received: {balancing!r}. Unset TF_CONFIG for it."
        )


def _versions() -> dict[str, str]:
    return {k: v for k, v in versions("numpy").items() if k != "python"}


def _connected(cluster: Cluster) -> tf.distribute.Strategy:
    """Let TensorFlow connect the workers, which have met."""
    # It waits in C++, where no exception reaches it, if one of them ends now.
    faulthandler.dump_traceback_later(CONNECTED, exit=True, file=2)
    try:
        gpus = tf.config.list_physical_devices("GPU")
        # TensorFlow would use all of a machine.
        tf.config.set_visible_devices(gpus[:1], "GPU")
        return tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError:
        raise InputError(
            "Expected several workers before TensorFlow's first work in this "
            "process. Received: one that has begun. Start Python again, and "
            "train first and once."
        ) from None
    except tf.errors.OpError as error:
        raise RunFailed(
            f"Expected to connect {cluster.name(cluster.number)} with the "
            f"others. Received: {error.message}. Start all workers again."
        ) from None
    finally:
        faulthandler.cancel_dump_traceback_later()
        # TensorFlow takes SIGTERM as news of a later end, and goes on.
        if threading.current_thread() is threading.main_thread():
            known = signal.getsignal(signal.SIGTERM)
            signal.signal(signal.SIGTERM, known or signal.SIG_DFL)


@contextmanager
def ends_together(cluster: Cluster | None) -> Iterator[None]:
    """Say in one line that another worker has ended."""
    try:
        yield
    except GONE as error:
        if cluster is None:
            raise
        # Such as /job:worker/replica:0/task:1.
        task = re.search(r"/job:(\w+)(?:/replica:0)?/task:(\d+)", str(error))
        name = " ".join(task.groups()) if task else ""
        known = list(cluster.workers)
        who = "another"
        if name in known and known.index(name) != cluster.number:
            who = cluster.name(known.index(name))
        raise RunFailed(
            f"Expected all {len(cluster.workers)} workers until the end. "
            f"Received: no more from {who}. See what it says, then start all "
            "again with resume=True (--resume on the command line)."
        ) from None
