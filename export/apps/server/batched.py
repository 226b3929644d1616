"""Batch the crops of concurrent requests with MLServer's batcher.

MLServer can also merge whole requests, but then an invalid request affects the
others. Here, each request is read and checked separately, and only crops, which
have equal shapes, are merged.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from mlserver import MLModel, ModelSettings
from mlserver.batching.adaptive import AdaptiveBatcher
from mlserver.codecs import NumpyCodec
from mlserver.context import model_context
from mlserver.types import InferenceRequest, InferenceResponse, RequestInput

from facemtl.inference.runtimes.runtime import Answers, Runtime, joined

CROPS = "crops"
# Maximum crops of a request per batch, so that other requests get their turn.
PART = 32
PATIENCE = 30.0  # seconds that a request waits for its batch


class Crops(MLModel):
    """A network as an MLServer model: merged crops in, predictions out."""

    def __init__(self, network: Runtime, **batches: float) -> None:
        super().__init__(
            ModelSettings(name=CROPS, implementation=Crops, **batches)
        )
        self._network = network
        # One batch at a time: the next one fills meanwhile.
        self._thread = ThreadPoolExecutor(1)

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Predict from crops (B, S, S, C), given as bytes."""
        (tensor,) = payload.inputs
        pixels: Any = tensor.data.root
        crops = np.frombuffer(pixels, np.uint8).reshape(tensor.shape)
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(
            self._thread, self._network.predict, crops
        )
        return InferenceResponse(
            model_name=self.name,
            outputs=[
                NumpyCodec.encode_output(k, y) for k, y in answers.items()
            ],
        )


class BatchedNetwork:
    """A thread-safe network that merges concurrent predictions.

    Args:
        network: the network.
        loop: event loop of the batcher.
        batches: `max_batch_size` in requests, and `max_batch_time`, the
            maximum wait of the first request in seconds.
    """

    def __init__(
        self,
        network: Runtime,
        loop: asyncio.AbstractEventLoop,
        **batches: float,
    ) -> None:
        self.tasks = network.tasks
        self.crop = network.crop
        self.box_convention = network.box_convention
        self.sigma = network.sigma
        self._network = network
        self._model = Crops(network, **batches)
        self._batcher = AdaptiveBatcher(self._model)
        self._loop = loop
        self._own = threading.local()

    @contextmanager
    def until(self, latest: float) -> Iterator[None]:
        """Limit this thread's predictions to a time of `time.monotonic`.

        Raises:
            TimeoutError: from `predict`, after this time.
        """
        self._own.latest = latest
        try:
            yield
        finally:
            del self._own.latest

    def predict(
        self, x: np.ndarray, batch_size: int = 250, verbose: Any = 0
    ) -> Answers:
        """Predict from crops (N, S, S, C) of uint8; blocks its thread.

        Raises:
            TimeoutError: if the prediction takes too long.
        """
        if not len(x):
            return self._network.predict(x)
        parts = [x[i : i + PART] for i in range(0, len(x), PART)]
        return joined([self._predict(part) for part in parts])

    def _predict(self, x: np.ndarray) -> Answers:
        now = time.monotonic()
        left = getattr(self._own, "latest", now + PATIENCE) - now
        if left <= 0:
            raise TimeoutError
        tensor = RequestInput(
            name=CROPS, datatype="UINT8", shape=list(x.shape), data=x.tobytes()
        )
        asked = self._ask(InferenceRequest(inputs=[tensor]))
        future = asyncio.run_coroutine_threadsafe(asked, self._loop)
        outputs = future.result(min(left, PATIENCE)).outputs
        return {y.name: NumpyCodec.decode_output(y) for y in outputs}

    async def _ask(self, request: InferenceRequest) -> InferenceResponse:
        with model_context(self._model.settings):  # For the batcher's metrics.
            return await self._batcher.predict(request)
