"""What is tried against the server, and what it must say."""

import gzip
import json
from functools import partial

import cv2
import numpy as np

from facemtl.export.apps.server.attack_kinds import (
    PATIENCE,
    Attack,
    many,
    one,
    waiting,
)
from facemtl.export.apps.server.attacks_small import (
    call_attacks,
    grpc_attacks,
    wrong_attacks,
)
from facemtl.export.apps.server.cases import body
from facemtl.export.apps.server.sent import half, post
from facemtl.export.apps.server.started import PORT

MB = 1_000_000
GB = 1000 * MB
BOX = [20.0, 20.0, 120.0, 120.0]
HALVES = 600
HEAD = b"POST /v2/models/faces/infer HTTP/1.1\r\nHost: x\r\n"
HALF_BODY = HEAD + b"Content-Length: 100000\r\n\r\n{"


def attacks(photo: bytes) -> list[Attack]:
    """All attacks, those last after which an open server is of no use.

    Args:
        photo: a small JPEG.
    """
    return [
        *large_attacks(photo),
        *connection_attacks(),
        *wrong_attacks(photo),
        *grpc_attacks(photo),
        *call_attacks(photo),
    ]


def large_attacks(photo: bytes) -> list[Attack]:
    """Much to receive, to read, to decode, to predict."""
    large = picture((9900, 9900))
    megabytes = body(b"\xff" * (14 * MB))
    crowd = partial(post, body(photo, [BOX] * 1000))
    zeros = gzip.compress(b" " * 100 * MB)
    packed = {"content-encoding": "gzip"}
    chunks = (b" " * MB for _ in range(1000))
    return [
        one("100,000 boxes", body(photo, [BOX] * 100_000), "413"),
        one("10,000 boxes", body(photo, [BOX] * 10_000), "413"),
        one("1,000 boxes, the most", body(photo, [BOX] * 1000), "200"),
        many("16 x 1,000 boxes at once", 16, crowd, "200", "429"),
        one("10,000 photos in one request", photos(photo[:100], 10_000), "413"),
        one("30 MB of numbers", numbers(15 * MB), "413"),
        one("a body of 1 GB", (b" " * MB for _ in range(1000)), "413", GB),
        Attack("a body of 1 GB in chunks", lambda: [post(chunks)], ("413",)),
        many("16 x 19 MB at once", 16, partial(post, megabytes), "400", "429"),
        one("100 MB packed as gzip", zeros, "415", headers=packed),
        one("30,000 x 30,000 pixels", body(picture((30000, 30000))), "413"),
        one("98 megapixels, nearly the most", body(large), "200"),
        many("16 x 98 megapixels at once", 16, partial(post, body(large))),
    ]


def connection_attacks() -> list[Attack]:
    """Connections that are only begun."""
    metrics = partial(half, HALVES, b"GET / HTTP/1.1\r\n", PATIENCE, PORT + 2)
    header = {"x": "x" * MB}
    return [
        waiting("600 half heads", HALVES, HEAD),
        waiting("600 half bodies", HALVES, HALF_BODY),
        waiting("2,000 silent connections", 2000, b""),
        Attack("600 half heads to the metrics", metrics, ("408", "closed")),
        one("a header of 1 MB", b"{}", "400", headers=header),
    ]


def picture(size: tuple[int, int]) -> bytes:
    """A PNG of few bytes and many pixels."""
    return cv2.imencode(".png", np.zeros(size, np.uint8))[1].tobytes()


def photos(photo: bytes, times: int) -> bytes:
    """A request of many photos."""
    request = json.loads(body(photo))
    request["inputs"][0]["data"] *= times
    request["inputs"][0]["shape"] = [times]
    return json.dumps(request).encode()


def numbers(times: int) -> bytes:
    """A request of digits and commas."""
    head = '{"inputs": [{"name": "boxes", "shape": [1, 4], "datatype": "FP32"'
    return f'{head}, "data": [{"1," * times}1]}}]}}'.encode()
