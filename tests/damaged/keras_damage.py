"""`.keras` files that are whole zips, of what no network is."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .model_wholes import Damaged, Files

Content = dict[str, Any]


def keras(whole: Files) -> Iterator[Damaged]:
    """Other members, settings and weights."""
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
