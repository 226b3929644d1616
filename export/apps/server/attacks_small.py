"""Attacks that are small: requests that are wrong, or that are off."""

from functools import partial

from facemtl.export.apps.server import sent_grpc as by_grpc
from facemtl.export.apps.server.attack_kinds import Attack, one
from facemtl.export.apps.server.cases import PATH, body
from facemtl.export.apps.server.sent import at_once, post
from facemtl.export.apps.server.started import PORT

MB = 1_000_000
BOX = [20.0, 20.0, 120.0, 120.0]


def wrong_attacks(photo: bytes) -> list[Attack]:
    """Requests that are no valid ones."""
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
    """The same by gRPC."""
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
    """Calls that are nobody's business."""
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
