"""The attacks on the server, and the expected responses."""

import gzip
import json
from functools import partial

import cv2
import numpy as np

from facemtl.export.apps.server import sent_grpc as by_grpc
from facemtl.export.apps.server.cases import PATH, body
from facemtl.export.apps.server.sent import (
    HALF_BODY,
    HEAD,
    PATIENCE,
    Attack,
    at_once,
    half,
    many,
    one,
    post,
    waiting,
)
from facemtl.export.apps.server.started import PORT

MB = 1_000_000
GB = 1000 * MB
BOX = [20.0, 20.0, 120.0, 120.0]
HALVES = 600


def attacks(photo: bytes) -> list[Attack]:
    """Return all attacks; those that block an unlimited server come last.

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
    """Return attacks that are costly to receive, decode or predict."""
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
    """Return attacks by incomplete connections."""
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
    """Return a PNG of few bytes and many pixels."""
    return cv2.imencode(".png", np.zeros(size, np.uint8))[1].tobytes()


def photos(photo: bytes, times: int) -> bytes:
    """Return a request with many photos."""
    request = json.loads(body(photo))
    request["inputs"][0]["data"] *= times
    request["inputs"][0]["shape"] = [times]
    return json.dumps(request).encode()


def numbers(times: int) -> bytes:
    """Return a request with many numbers."""
    head = '{"inputs": [{"name": "boxes", "shape": [1, 4], "datatype": "FP32"'
    return f'{head}, "data": [{"1," * times}1]}}]}}'.encode()


def wrong_attacks(photo: bytes) -> list[Attack]:
    """Return attacks by invalid requests."""
    text = body(photo, [BOX]).decode()
    box = "[20.0, 20.0, 120.0, 120.0]"
    nested = f"{'[' * 900}{']' * 900}"
    given = {
        "boxes of 10^308": ("[0, 0, 1e308, 1e308]", "400"),
        "boxes of 10^999": ("[0, 0, 1e999, 1e999]", "422"),
        "boxes of NaN": ("[0, 0, NaN, 9]", "422"),
        "boxes of text": ('["1", "2", "30", "40"]', "400"),
        "boxes of true": ("[false, false, true, true]", "400"),
        "boxes of huge integers": (f"[0, 0, {'9' * 30}, 9]", "400"),
        "boxes with negative sizes": ("[9, 9, 2, 2]", "400"),
        "a box of 9,000,000 pixels": ("[0, 0, 9e6, 9e6]", "400"),
        "900 lists in lists": (nested, "400"),
        "900 lists in an object": (f'{{"a": {nested}}}', "400"),
        "100,000 lists in lists": (f"{'[' * 100_000}{']' * 100_000}", "413"),
    }
    shapes = {
        "a negative shape": ("[1, 4]", "[-1, 4]", "400"),
        "a shape of other values": ("[1, 4]", "[2, 4]", "400"),
        "a shape of no rows": ("[1, 4]", "[2, 2]", "400"),
        "a datatype that is none": ("FP32", "FP31", "422"),
        "boxes as BYTES": ("FP32", "BYTES", "400"),
        "the photo twice": ('"boxes"', '"photo"', "400"),
    }
    deep = f'{{"parameters": {{"x": {nested}}}, '
    return [
        *(one(k, text.replace(box, v), s) for k, (v, s) in given.items()),
        *(one(k, text.replace(v, w), s) for k, (v, w, s) in shapes.items()),
        one("parameters of 900 lists", deep + text[1:], "200"),
        one("no body", b"", "422"),
        one("no inputs", b'{"inputs": []}', "400"),
        one("an empty photo", body(b""), "400"),
    ]


def grpc_attacks(photo: bytes) -> list[Attack]:
    """Return attacks over gRPC."""
    many = by_grpc.boxes([9.0] * 400_000, [100_000, 4])
    beyond = by_grpc.boxes([0, 0, float("inf"), 9], [1, 4])
    wrong, much = "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"
    infer, box = by_grpc.infer, by_grpc.boxes(BOX, [1, 4])
    tries = {
        "a photo": (partial(infer, photo), "OK"),
        "a box": (partial(infer, photo, box), "OK"),
        "100,000 boxes": (partial(infer, photo, many), much),
        "40 MB": (partial(infer, bytes(40 * MB)), much),
        "infinite boxes": (partial(infer, photo, beyond), wrong),
        "bytes that do not fit": (
            partial(by_grpc.raw_boxes, photo, b"abc", [10**9, 4]),
            wrong,
        ),
        "a stream": (partial(by_grpc.stream, photo), "NOT_FOUND"),
    }
    return [
        Attack(f"gRPC: {name}", partial(at_once, 1, send), (code,))
        for name, (send, code) in tries.items()
    ]


def call_attacks(photo: bytes) -> list[Attack]:
    """Return attacks by forbidden calls."""
    repository = "/v2/repository"
    tried = {
        "pages of documentation": ("GET", "/v2/docs", PORT, "404"),
        "those of the metrics": ("GET", "/docs", PORT + 2, "404"),
        "a stream": ("POST", PATH + "_stream", PORT, "404"),
        "another model": ("POST", "/v2/models/x/infer", PORT, "404"),
        "list models": ("POST", f"{repository}/index", PORT, "403"),
        "load": ("POST", f"{repository}/models/faces/load", PORT, "403"),
        "unload": ("POST", f"{repository}/models/faces/unload", PORT, "403"),
    }
    whole = body(photo)
    refused = ("PERMISSION_DENIED",)
    return [
        *(
            Attack(
                name,
                partial(
                    at_once,
                    1,
                    partial(post, whole, path, None, method, port),
                ),
                (status,),
            )
            for name, (method, path, port, status) in tried.items()
        ),
        Attack("gRPC: unload", lambda: [by_grpc.unload()], refused),
    ]
