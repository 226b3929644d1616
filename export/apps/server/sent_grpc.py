"""Send requests over gRPC, and return their status codes."""

from collections.abc import Callable
from typing import Any

import grpc
from mlserver.grpc import dataplane_pb2 as pb
from mlserver.grpc.dataplane_pb2_grpc import GRPCInferenceServiceStub

from facemtl.export.apps.server.sent import LOOPBACK, SECONDS, Received
from facemtl.export.apps.server.started import PORT

ANY = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]


def tensor(name: str, datatype: str, shape: list[int], **data: Any) -> Any:
    """Return one input; `data` such as `fp32_contents=[...]`."""
    return pb.ModelInferRequest.InferInputTensor(
        name=name,
        datatype=datatype,
        shape=shape,
        contents=pb.InferTensorContents(**data),
    )


def infer(photo: bytes, *tensors: Any, **more: Any) -> Received:
    """Send a request for a photo; return its status code."""
    inputs = [tensor("photo", "BYTES", [1], bytes_contents=[photo]), *tensors]
    asked = pb.ModelInferRequest(model_name="faces", inputs=inputs, **more)
    return called(lambda stub: stub.ModelInfer(asked, timeout=SECONDS))


def boxes(values: list[float], shape: list[int]) -> Any:
    """Return boxes as an input."""
    return tensor("boxes", "FP32", shape, fp32_contents=values)


def raw_boxes(photo: bytes, data: bytes, shape: list[int]) -> Received:
    """Send a request whose tensors are bytes; return its status code."""
    inputs = [
        tensor("photo", "BYTES", [1]),
        tensor("boxes", "FP32", shape),
    ]
    size = len(photo).to_bytes(4, "little")
    asked = pb.ModelInferRequest(
        model_name="faces",
        inputs=inputs,
        raw_input_contents=[size + photo, data],
    )
    return called(lambda stub: stub.ModelInfer(asked, timeout=SECONDS))


def unload() -> Received:
    """Call for the model to be unloaded; return the status code."""
    asked = pb.RepositoryModelUnloadRequest(model_name="faces")
    return called(lambda stub: stub.RepositoryModelUnload(asked))


def stream(photo: bytes) -> Received:
    """Call for a stream; return the status code."""
    inputs = [tensor("photo", "BYTES", [1], bytes_contents=[photo])]
    asked = pb.ModelInferRequest(model_name="faces", inputs=inputs)
    return called(
        lambda stub: list(stub.ModelStreamInfer(iter([asked]), timeout=SECONDS))
    )


def called(call: Callable[[Any], Any]) -> Received:
    """Return OK, or the name of a status code, and the message."""
    where = f"{LOOPBACK}:{PORT + 1}"
    with grpc.insecure_channel(where, options=ANY) as channel:
        try:
            call(GRPCInferenceServiceStub(channel))
        except grpc.RpcError as error:
            return error.code().name, (error.details() or "")[:300]
    return "OK", ""
