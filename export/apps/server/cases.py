"""The requests of the load test, and the expected responses."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from facemtl.data.faces import Faces
from facemtl.export.apps.server.messages import tensors_of
from facemtl.inference.face import Face
from facemtl.tasks import MTFL_TASKS

PATH = "/v2/models/faces/infer"
JSON = "application/json"
BOMB = (30_000, 4_000)  # rows and columns of a small file
SEARCHED, EVERY = 3, 10  # three of ten valid requests contain no boxes
# Tolerances between server and process: pixels of points, probabilities;
# degrees, to which points of small faces make a larger difference.
CLOSE = 0.02
DEGREES = 0.5
HEAD = "head_pose"
SIGMA = {task.name for task in MTFL_TASKS if task.kind == "landmarks"}
Predict = Callable[..., list[Face]]


@dataclass(frozen=True)
class Case:
    """One request, and its expected response.

    Attributes:
        kind: name in the table.
        body: body of the request.
        status: expected HTTP status.
        says: expected words in the response.
        expected: {output: array} of a valid response, see `tensors_of`.
    """

    kind: str
    body: bytes
    status: int = 200
    says: str = ""
    path: str = PATH
    content_type: str = JSON
    expected: Mapping[str, np.ndarray] = field(default_factory=dict)

    def photo(self) -> bytes:
        """Return the photo in the request."""
        return base64.b64decode(json.loads(self.body)["inputs"][0]["data"][0])


def body(photo: bytes | str, boxes: Any = None) -> bytes:
    """Return a V2 request for a photo: bytes, or text to send unchanged."""
    text = (
        base64.b64encode(photo).decode() if isinstance(photo, bytes) else photo
    )
    inputs = [
        {
            "name": "photo",
            "shape": [1],
            "datatype": "BYTES",
            "parameters": {"content_type": "base64"},
            "data": [text],
        }
    ]
    if boxes is not None:
        shape = [len(boxes), 4]
        data = np.asarray(boxes, float).ravel().tolist()
        inputs.append(
            {"name": "boxes", "shape": shape, "datatype": "FP32", "data": data}
        )
    return json.dumps({"inputs": inputs}).encode()


def good_cases(faces: Faces, predict: Predict) -> list[Case]:
    """Return two requests per photo: with the face's box, and without.

    Args:
        faces: faces whose photos are sent, as JPEG.
        predict: predicts in this process; defines the expected response.
    """
    cases = []
    for name, box in zip(faces.names, faces.boxes, strict=True):
        pixels = faces.images.read(str(name))
        _, data = cv2.imencode(".jpg", pixels[..., ::-1])
        photo = data.tobytes()
        for kind, boxes in (("box given", [box.tolist()]), ("searched", None)):
            expected = _answer(predict(photo, boxes))
            cases.append(Case(kind, body(photo, boxes), expected=expected))
    return cases


def bad_cases(photo: bytes) -> list[Case]:
    """Return invalid requests; `photo` has the bytes of a valid JPEG."""
    bomb = cv2.imencode(".png", np.zeros(BOMB, np.uint8))[1].tobytes()
    good = body(photo)
    return [
        Case("no image", body(b"this is no image"), 400, "16 bytes"),
        Case("half an image", body(photo[: len(photo) // 2]), 400, "truncated"),
        Case("a huge image", body(bomb), 413, "megapixels"),
        Case(
            "a box beside", body(photo, [[5e3, 5e3, 6e3, 6e3]]), 400, "a tenth"
        ),
        Case(
            "a box inside out", body(photo, [[9, 9, 2, 2]]), 400, "left < right"
        ),
        Case("no boxes", body(photo, []), 200, '"shape":[0,4]'),
        Case("not base64", body("*** no base64 ***"), 400, "base64"),
        Case("no photo", b'{"inputs": []}', 400, "Expected the inputs"),
        Case("half a JSON", good[: len(good) // 2], 422, "JSON"),
        Case("no JSON", photo, 422, "JSON", content_type="image/jpeg"),
        Case("no such model", good, 404, "not found", "/v2/models/x/infer"),
    ]


def fault(case: Case, status: int, text: str) -> str:
    """Return an empty string, or the fault of a response."""
    if status != case.status:
        return f"{case.kind}: status {status}, not {case.status}: {text[:200]}"
    if case.says not in text:
        return f"{case.kind}: no '{case.says}' in: {text[:200]}"
    if not case.expected:
        return ""
    outputs = {x["name"]: x for x in json.loads(text)["outputs"]}
    for name, expected in case.expected.items():
        # Unknown numbers are null.
        found = np.array(outputs[name]["data"], float)
        found = found.reshape(outputs[name]["shape"])
        if found.shape != expected.shape:
            return f"{case.kind}: {name} {found.shape}, not {expected.shape}"
        most = DEGREES if name == HEAD else CLOSE
        if not np.allclose(found, expected, 0, most, equal_nan=True):
            return f"{case.kind}: {name} of another face"
    return ""


def in_turn(
    good: Sequence[Case], bad: Sequence[Case], requests: int, bad_every: int
) -> list[Case]:
    """Return a list of `requests` cases, one of `bad_every` invalid."""
    given = [case for case in good if case.kind == "box given"]
    searched = [case for case in good if case.kind != "box given"]
    cases = []
    for i in range(requests):
        if bad and i % bad_every == bad_every - 1:
            cases.append(bad[i // bad_every % len(bad)])
            continue
        some = searched if i % EVERY < SEARCHED else given
        cases.append(some[i % len(some)])
    return cases


def _answer(faces: Sequence[Face]) -> dict[str, np.ndarray]:
    outputs = tensors_of(faces, MTFL_TASKS, SIGMA)
    return {name: values for name, (_, values) in outputs.items()}
