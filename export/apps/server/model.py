"""`FaceModel`: MLServer's model of the faces in one photo."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from fastapi.encoders import ENCODERS_BY_TYPE
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.errors import InferenceError
from mlserver.types import (
    InferenceRequest,
    InferenceResponse,
    Parameters,
    ResponseOutput,
)

from facemtl.errors import InputError
from facemtl.export.apps.server.batched import BatchedNetwork
from facemtl.export.apps.server.messages import (
    Tensors,
    read_request,
    tensors_of,
)
from facemtl.predict.face import Face
from facemtl.predict.predictor import Predictor
from facemtl.runtimes import load_network

THREADS = 8  # Photos that are read and searched at a time.
# FastAPI repeats a body that is no JSON in its answer, as text: a picture
# sent as it is would end in status 500.
ENCODERS_BY_TYPE[bytes] = lambda body: f"{len(body)} bytes"


class FaceModel(MLModel):
    """A photo in, what is said of its faces out; V2 tensors both.

    FACEMTL_MODEL, or `parameters.uri` of its settings, is any network that
    `facemtl.load_network` takes; `parameters.extra` says how crops of several
    requests are put together, see `BatchedNetwork`. MLServer's own batching,
    of whole requests, is off.
    """

    async def load(self) -> bool:
        """Read the network; the detector is read with the first photo."""
        given = self.settings.parameters
        network = load_network(os.environ.get("FACEMTL_MODEL") or given.uri)
        loop = asyncio.get_running_loop()
        batched = BatchedNetwork(network, loop, **given.extra)
        self._tasks = network.tasks
        self._predictor = Predictor(batched)
        self._threads = ThreadPoolExecutor(THREADS)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """See `messages`: `photo` and perhaps `boxes` in.

        Raises:
            InferenceError: status 400, with what was wrong in the request.
        """
        loop = asyncio.get_running_loop()
        try:
            tensors = await loop.run_in_executor(
                self._threads, self._answer, payload
            )
        except InputError as error:
            raise InferenceError(str(error)) from None
        outputs = [_output(name, *x) for name, x in tensors.items()]
        return InferenceResponse(
            id=payload.id, model_name=self.name, outputs=outputs
        )

    def _answer(self, payload: InferenceRequest) -> Tensors:
        inputs = {tensor.name: tensor for tensor in payload.inputs}
        photo, boxes = read_request(inputs)
        faces: list[Face] = self._predictor(photo, boxes)
        return tensors_of(faces, self._tasks)


def _output(
    name: str, names: tuple[str, ...], values: np.ndarray
) -> ResponseOutput:
    output = NumpyCodec.encode_output(name, values)
    # JSON has no NaN: a score that is not there is null.
    output.data.root = [None if x != x else x for x in output.data.root]
    output.parameters = Parameters(content_type="np", names=list(names))
    return output
