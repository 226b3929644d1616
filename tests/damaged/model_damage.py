"""What is done to a whole model, and what must come of it.

| expected | means |
|---|---|
| `same` | the predictions are those of the whole model |
| `refused` | an `InputError` |
| `any` | either; never other predictions |
"""

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

Files = dict[str, bytes]
Content = dict[str, Any]


class Damaged(NamedTuple):
    """A damaged model.

    Attributes:
        how: what was done to it.
        files: {name: content}.
        expected: "same", "refused" or "any".
    """

    how: str
    files: Files
    expected: str


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
    yield from OWN.get(kind, _nothing)(whole)


def _nothing(_: Files) -> Iterator[Damaged]:
    yield from ()


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


def _tflite(whole: Files) -> Iterator[Damaged]:
    from facemtl.pretrained import FOLDER
    from facemtl.runtimes.associated import read_associated
    from facemtl.sidecar import NAME

    (data,) = whole.values()
    sidecar, end = read_associated(data, "whole")
    network, text = data[:end], sidecar.to_json()
    other = (FOLDER / "base.tflite").read_bytes()
    theirs, after = read_associated(other, "another")

    def joined(graph: bytes, *texts: str) -> Files:
        stored = io.BytesIO(graph)
        with zipfile.ZipFile(stored, "a", zipfile.ZIP_DEFLATED) as packed:
            for text in texts:
                packed.writestr(NAME, text)
        return {"model.tflite": stored.getvalue()}

    yield Damaged("sidecar packed again", joined(network, text), "same")
    yield Damaged("no sidecar", {"model.tflite": network}, "refused")
    yield Damaged("sidecar alone", joined(b"", text), "refused")
    swapped = joined(network, theirs.to_json())
    yield Damaged("another's sidecar", swapped, "refused")
    yield Damaged("another's network", joined(other[:after], text), "refused")
    bomb = joined(network, text + " " * 300_000_000)
    yield Damaged("sidecar of 300 MB", bomb, "refused")
    yield Damaged("sidecar cut", joined(network, text[:-200]), "refused")
    numbers = np.frombuffer(network[: len(network) // 4 * 4], "<u4").copy()
    numbers[len(numbers) // 2 :][:1000] = 0x7FC00000
    weights = joined(numbers.tobytes(), _without_checksum(text))
    yield Damaged("weights of NaN", weights, "refused")


def _without_checksum(text: str) -> str:
    content = json.loads(text)
    content.pop("checksum", None)
    return json.dumps(content)


def _keras(whole: Files) -> Iterator[Damaged]:
    (data,) = whole.values()
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        inside = {name: packed.read(name) for name in packed.namelist()}

    def model(**changes: bytes | None) -> Files:
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w") as packed:
            for name, content in {**inside, **changes}.items():
                if content is not None:
                    packed.writestr(name, content)
        return {"model.keras": stored.getvalue()}

    def settings(change: Callable[[Content], object]) -> Files:
        content = json.loads(inside["config.json"])
        change(content)
        return model(**{"config.json": json.dumps(content).encode()})

    config, weights = "config.json", "model.weights.h5"
    yield Damaged("packed again", model(), "same")
    yield Damaged("no metadata", model(**{"metadata.json": None}), "any")
    yield Damaged("no settings", model(**{config: None}), "refused")
    yield Damaged("no weights", model(**{weights: None}), "refused")
    yield Damaged("file beside it", model(**{"../../x": b"x"}), "any")
    for how, change in _KERAS_SETTINGS.items():
        yield Damaged(how, settings(change), "refused")
    for how, edit in _KERAS_WEIGHTS.items():
        changed = _edited(inside[weights], edit)
        yield Damaged(how, model(**{weights: changed}), "refused")


def _inner(**changes: Any) -> Callable[[Content], object]:
    return lambda content: content["config"].update(changes)


LAMBDA = {"class_name": "Lambda", "config": {"function": "print"}}
_KERAS_SETTINGS: Mapping[str, Callable[[Content], object]] = {
    "another class": lambda x: x.update(registered_name="Sequential"),
    "a class of Keras": lambda x: x.update(
        module="keras.layers", class_name="Lambda", registered_name=None
    ),
    "a module of Python": lambda x: x.update(
        module="os", class_name="system", registered_name=None
    ),
    "a layer in settings": _inner(architecture=LAMBDA),
    "wide layers": _inner(width=300.0),
    "no width": _inner(width=0.0),
    "an endless width": _inner(width=1e999),
    "no tasks": _inner(tasks=[]),
    "another architecture": _inner(architecture="single"),
    "an unknown setting": _inner(nothing=1),
    "large crops": _inner(
        crop={"size": 20_000, "color": "gray", "margin": 0.0}
    ),
    "settings as a list": lambda x: x.update(config=[]),
}


def _edited(content: bytes, edit: Callable[[Any], object]) -> bytes:
    import h5py

    stored = io.BytesIO(content)
    with h5py.File(stored, "r+") as arrays:
        edit(arrays)
    return stored.getvalue()


def _arrays(group: Any) -> list[Any]:
    import h5py

    found: list[Any] = []

    def add(_: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.append(item)

    group.visititems(add)
    return found


def _replace(group: Any, content: Any) -> None:
    name = _arrays(group)[0].name
    del group[name]
    group[name] = content


def _fill(group: Any, number: float) -> None:
    _arrays(group)[0][...] = number


_KERAS_WEIGHTS: Mapping[str, Callable[[Any], object]] = {
    "weights of NaN": lambda x: _fill(x, float("nan")),
    "infinite weights": lambda x: _fill(x, float("inf")),
    "weights of another shape": lambda x: _replace(x, np.zeros((3, 5))),
    "weights of text": lambda x: _replace(x, "weights"),
    "weights elsewhere": lambda x: _elsewhere(x),
    "an array missing": lambda x: x.__delitem__(_arrays(x)[0].name),
}


def _elsewhere(group: Any) -> None:
    import h5py

    name = _arrays(group)[0].name
    del group[name]
    group[name] = h5py.ExternalLink("/etc/passwd", "/w")


def _saved_model(whole: Files) -> Iterator[Damaged]:
    for name in whole:
        if "fingerprint" in name:
            continue
        some = {key: x for key, x in whole.items() if key != name}
        yield Damaged(f"no {name.rpartition('/')[2]}", some, "refused")
    beside = {**whole, "saved_model/variables/more": b"more"}
    yield Damaged("a file beside its variables", beside, "refused")
    yield Damaged("nothing of it", {"saved_model/x": b""}, "refused")


def _onnx(whole: Files) -> Iterator[Damaged]:
    import onnx

    model = onnx.load_from_string(whole["model.onnx"])
    for how, change in _ONNX.items():
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        change(copy)
        yield Damaged(how, {"model.onnx": copy.SerializeToString()}, "refused")


_ONNX: Mapping[str, Callable[[Any], object]] = {
    "no sidecar": lambda x: x.ClearField("metadata_props"),
    "no graph": lambda x: x.ClearField("graph"),
    "no weights": lambda x: x.graph.ClearField("initializer"),
    "another's graph": lambda x: x.graph.node.pop(),
    "weights elsewhere": lambda x: x.graph.initializer[0].external_data.add(
        key="location", value="/etc/passwd"
    ),
}


def _run(whole: Files) -> Iterator[Damaged]:
    state = "run/state.npz"
    yield Damaged("a state of zeros", {**whole, state: _bomb()}, "refused")
    for name, expected in (("model.keras", "any"), ("config.toml", "any")):
        some = {k: x for k, x in whole.items() if k != f"run/{name}"}
        yield Damaged(f"no {name}", some, expected)


def _bomb() -> bytes:
    """Three megabytes that are an array of three gigabytes."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f4", "fortran_order": False, "shape": (750_000_000,)}
    )
    stored = io.BytesIO()
    with (
        zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("state.npy", "w", force_zip64=True) as entry,
    ):
        entry.write(head.getvalue())
        for _ in range(3000):
            entry.write(bytes(1_000_000))
    return stored.getvalue()


OWN: Mapping[str, Callable[[Files], Iterator[Damaged]]] = {
    ".tflite": _tflite,
    ".keras": _keras,
    ".onnx": _onnx,
    "SavedModel": _saved_model,
    "run": _run,
}
