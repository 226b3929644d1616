"""`FaceModel`: an MLServer model that predicts the faces in a photo."""

import asyncio
import os
import time

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.errors import MLServerError
from mlserver.types import (
    InferenceRequest,
    InferenceResponse,
    MetadataTensor,
    Parameters,
    ResponseOutput,
)

from facemtl.errors import InputError
from facemtl.export.apps.server.batched import PART, BatchedNetwork
from facemtl.export.apps.server.lanes import Lane, busy
from facemtl.export.apps.server.limits import MILLION, limits_from
from facemtl.export.apps.server.messages import (
    by_name,
    read_request,
    tensors_of,
)
from facemtl.export.apps.server.pixels import (
    LimitedDetector,
    TooManyFaces,
    pixels_of,
)
from facemtl.inference.predictor import Predictor
from facemtl.inference.runtimes import load_network

THREADS = 8  # concurrent small photos
# A larger photo, or one with more faces than fit into a batch, is processed
# alone; this many may wait.
SMALL_PIXELS = 4 * MILLION
WAITING = 8


class FaceModel(MLModel):
    """Predict the faces in a photo; input and output are V2 tensors.

    FACEMTL_MODEL, or `parameters.uri` of its settings, is any network that
    `facemtl.load_network` takes. `parameters.extra` sets the batching of crops,
    see `BatchedNetwork`. MLServer's batching of whole requests is off. `limits`
    are those of requests.
    """

    async def load(self) -> bool:
        """Load the network; the detector is loaded with the first photo."""
        given = self.settings.parameters
        network = load_network(os.environ.get("FACEMTL_MODEL") or given.uri)
        loop = asyncio.get_running_loop()
        self._limits = limits_from(os.environ)
        self._batched = BatchedNetwork(network, loop, **given.extra)
        self._tasks = network.tasks
        none = tensors_of((), network.tasks, network.sigma)
        self.outputs = [_described(name, y) for name, (_, y) in none.items()]
        self._few, self._many = (
            Predictor(self._batched, LimitedDetector(most))
            for most in (PART, self._limits.faces)
        )
        seconds = self._limits.seconds
        self._small = Lane(THREADS, self._limits.requests, seconds)
        self._large = Lane(1, WAITING, seconds)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Predict from `photo` and optional `boxes`, see `messages`.

        Raises:
            MLServerError: with a status, and with the fault of the request.
        """
        try:
            outputs = await self._predict(payload)
        except InputError as error:
            status = getattr(error, "status", 400)
            raise MLServerError(str(error), status) from None
        return InferenceResponse(
            id=payload.id, model_name=self.name, outputs=outputs
        )

    async def _predict(self, payload: InferenceRequest) -> list[ResponseOutput]:
        photo, boxes, pixels = await self._small.run(self._read, payload)
        few = boxes is None or len(boxes) <= PART
        if few and pixels <= SMALL_PIXELS:
            try:
                return await self._small.run(
                    self._outputs, self._few, photo, boxes
                )
            except TooManyFaces:  # A crowd goes to the queue of large photos.
                pass
        return await self._large.run(self._outputs, self._many, photo, boxes)

    def _read(
        self, payload: InferenceRequest
    ) -> tuple[bytes, np.ndarray | None, int]:
        """Return a request's photo and boxes, and the number of its pixels."""
        photo, boxes = read_request(by_name(payload.inputs), self._limits.faces)
        return photo, boxes, pixels_of(photo, self._limits.megapixels)

    def _outputs(
        self, predict: Predictor, photo: bytes, boxes: np.ndarray | None
    ) -> list[ResponseOutput]:
        with self._batched.until(time.monotonic() + self._limits.seconds):
            try:
                faces = predict(photo, boxes)
            except TimeoutError:
                raise busy() from None
        tensors = tensors_of(faces, self._tasks, self._batched.sigma)
        return [_output(name, *x) for name, x in tensors.items()]


def _described(name: str, none: np.ndarray) -> MetadataTensor:
    """Describe an output for the model's metadata."""
    shape = [-1, *none.shape[1:]]
    return MetadataTensor(name=name, datatype="FP32", shape=shape)


def _output(
    name: str, names: tuple[str, ...], values: np.ndarray
) -> ResponseOutput:
    output = NumpyCodec.encode_output(name, values)
    # JSON has no NaN: what is unknown, as the score of a given box, is null.
    output.data.root = [None if x != x else x for x in output.data.root]
    output.parameters = Parameters(content_type="np", names=list(names))
    return output
