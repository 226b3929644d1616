"""What is done to a whole model, and what must come of it.

| expected | means |
|---|---|
| `same` | the predictions are those of the whole model |
| `refused` | an `InputError` |
| `any` | either; never other predictions |
"""

import random
from collections.abc import Iterator

from . import keras_damage, model_edits
from .model_wholes import Damaged, Files

OWN = {
    ".tflite": model_edits.tflite,
    ".onnx": model_edits.onnx,
    ".keras": keras_damage.keras,
    "SavedModel": model_edits.saved_model,
    "run": model_edits.run,
}


def damaged(
    kind: str, whole: Files, names: tuple[str, ...], rng: random.Random
) -> Iterator[Damaged]:
    """Sixty or more damaged models.

    Args:
        kind: of model.
        whole: the files of a whole one.
        names: those of them that are damaged byte by byte.
        rng: of the damage.
    """
    yield Damaged("nothing", whole, "same")
    for name in names:
        others = [whole[other] for other in names if other != name]
        for how, data, expected in _bytes(whole[name], others, rng):
            place = "" if len(names) == 1 else f" of {name.rpartition('/')[2]}"
            yield Damaged(f"{how}{place}", {**whole, name: data}, expected)
    yield from OWN[kind](whole)


def _bytes(
    data: bytes, others: list[bytes], rng: random.Random
) -> Iterator[tuple[str, bytes, str]]:
    size, half = len(data), len(data) // 2
    for how, n in (("a bit flipped", 1), ("100 bits flipped", 100)):
        for _ in range(15 if n == 1 else 8):
            yield how, _flipped(data, n, rng), "any"
    # Where formats tell sizes and offsets.
    for part in (data[:100], data[-100:]):
        for _ in range(4):
            changed = _flipped(part, 2, rng)
            ends = changed + data[100:], data[:-100] + changed
            yield "end flipped", ends[part is not data[:100]][:size], "any"
    for share in (0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1 - 1 / size):
        yield "cut", data[: int(share * size)], "refused"
    yield "start missing", data[half:], "any"
    yield "halves swapped", data[half:] + data[:half], "any"
    yield "twice", data + data, "any"
    yield "bytes behind it", data + bytes(500), "any"
    yield "zeros in it", data[:half] + bytes(size - half), "any"
    for _ in range(4):
        at = rng.randrange(size)
        yield "byte more", data[:at] + b"\x07" + data[at:], "any"
        yield "byte less", data[:at] + data[at + 1 :], "any"
    yield "noise", rng.randbytes(size), "refused"
    yield "zeros", bytes(size), "refused"
    yield "a text", b"not found\n", "refused"
    yield "a picture", b"\x89PNG\r\n\x1a\n" + rng.randbytes(500), "refused"
    for other in others:
        yield "another file of it", other, "refused"


def _flipped(data: bytes, n: int, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(n):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)
