"""A sidecar is held against the network that it is of: nothing is guessed."""

import json

import numpy as np
import pytest
from model_file_case import (
    changed_onnx,
    changed_saved_model,
    changed_tflite,
    crops,
    join_tflite,
    small_export,
    split_tflite,
)

from facemtl.errors import InputError
from facemtl.inference.runtimes import load_network
from facemtl.presets import FOLDER


def task(content, name):
    (found,) = [x for x in content["tasks"] if x["name"] == name]
    return found


def put(**values):
    return lambda content: content.update(values)


def crop(**values):
    def change(content):
        content["crop"].update(values)
        spec = content["crop"]
        colors = {"gray": 1, "rgb": 3}.get(spec["color"], 1)
        size = spec["size"]
        content["input"]["shape"] = [None, size, size, colors]

    return change


def rename(name, new):
    return lambda content: task(content, name).update(name=new)


def names(name, new):
    def change(content):
        entry = task(content, name)
        entry.update(names=new, mirror=list(range(len(new))))

    return change


def drop(name):
    return lambda content: content["tasks"].remove(task(content, name))


def add(entry):
    answer = {"answer": "whatever", "mirror": []}
    return lambda content: content["tasks"].append({**entry, **answer})


def of_kind(name, kind):
    def change(content):
        task(content, name).update(kind=kind)

    return change


def remove(key):
    return lambda content: content.pop(key)


def no_sampling(content):
    del content["crop"]["samples"]


def input_of(**values):
    return lambda content: content["input"].update(values)


# Each: a change, and what the line says of it.
CHANGES = {
    "renamed": (rename("smile", "laugh"), "predictions of the tasks"),
    "missing": (drop("smile"), "predictions of the tasks"),
    "further": (
        add({"name": "hat", "kind": "classes", "names": ["yes", "no"]}),
        "predictions of the tasks",
    ),
    "further value": (
        add({"name": "hat", "kind": "value", "names": []}),
        "predictions of the tasks",
    ),
    "a class more": (names("smile", ["a", "b", "c"]), "(2, 3) for 'smile'"),
    "a point fewer": (names("landmarks", list("abcd")), "box convention|(2, 4"),
    "points as classes": (of_kind("landmarks", "classes"), "weights|(2, 5)"),
    "twice": (
        add({"name": "smile", "kind": "classes", "names": ["yes", "no"]}),
        "distinct task names",
    ),
    "no task": (put(tasks=[]), "one or more tasks"),
    "tasks of another type": (put(tasks=3), "TypeError"),
    "no tasks at all": (remove("tasks"), "KeyError: 'tasks'"),
    "an unknown kind": (of_kind("smile", "mood"), "expected a kind"),
    "a name that is none": (rename("smile", "a b"), "Expected a task name"),
    "a half character": (
        names("smile", ["yes", "\ud800"]),
        "names of 1 to 200",
    ),
    "another format": (put(format=2), "format = 1"),
    "a format that is true": (put(format=True), "format = 1"),
    "a format of text": (put(format="1"), "format = 1"),
    "no format": (remove("format"), "KeyError: 'format'"),
    "other sampling": (crop(samples=1), "crop.samples = 4"),
    "sampling of text": (crop(samples="4"), "crop.samples = 4"),
    "no sampling": (no_sampling, "KeyError: 'samples'"),
    "a larger crop": (crop(size=48), "crops of (48, 48, 1)"),
    "a smaller crop": (crop(size=32), "crops of (32, 32, 1)"),
    "a huge crop": (crop(size=20_000), "a crop size of at most 1,024"),
    "a crop of text": (crop(size="40"), "a crop size as an integer"),
    "colors": (crop(color="rgb"), "crops of (40, 40, 3)"),
    "unknown colors": (crop(color="red"), "Expected a color"),
    "a margin that is none": (crop(margin=float("nan")), "NaN is no number"),
    "a margin of 1e308": (crop(margin=1e308), "a margin of at most 10"),
    "another input": (input_of(name="pixels"), "Expected input ="),
    "another shape": (input_of(shape=[None, 9, 9, 1]), "Expected input ="),
    "another range": (input_of(range=[0, 1]), "Expected input ="),
    "an unknown key": (put(sampling=2), "{'sampling'}"),
    "a checksum that is none": (put(checksum="abc"), "64 digits"),
    "scores of another type": (put(scores=3), "TypeError"),
}


def refusal(file):
    with pytest.raises(InputError) as error:
        load_network(file)
    assert "\n" not in str(error.value)
    return str(error.value)


def assert_said(said, expected):
    assert any(part in said for part in expected.split("|")), said


@pytest.mark.parametrize("kind", CHANGES)
def test_a_tflite_file_with_another_sidecar(kind, tmp_path):
    change, expected = CHANGES[kind]
    assert_said(refusal(changed_tflite(change, tmp_path)), expected)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHANGES)
def test_an_onnx_file_with_another_sidecar(kind, tmp_path):
    change, expected = CHANGES[kind]
    assert_said(refusal(changed_onnx(change, tmp_path)), expected)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHANGES)
def test_a_saved_model_with_another_sidecar(kind, tmp_path):
    change, expected = CHANGES[kind]
    assert_said(refusal(changed_saved_model(change, tmp_path)), expected)


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{", "[" * 100_000, "\0", '{"format": 1}', "1" * 5000],
    ids=["none", "null", "list", "open", "deep", "nul", "little", "digits"],
)
def test_a_sidecar_that_is_none(text, tmp_path):
    network, _ = split_tflite(FOLDER / "tiny.tflite")
    file = join_tflite(network, text, tmp_path / "m.tflite")
    assert "facemtl.json in" in refusal(file)


def test_files_of_yesterday_are_read(tmp_path):
    """An earlier facemtl wrote no checksum, no digest and no boxes."""

    def earlier(content):
        for key in ("checksum", "network", "box_convention"):
            content.pop(key, None)

    old = load_network(changed_tflite(earlier, tmp_path))
    new = load_network("tiny")
    assert old.box_convention is None
    for name, expected in new.predict(crops()).items():
        np.testing.assert_array_equal(old.predict(crops())[name], expected)


@pytest.mark.slow
def test_every_file_of_an_export_has_a_checksum():
    folder = small_export()
    described = json.loads((folder / "facemtl.json").read_text())
    files = ["saved_model", "model.onnx", "model_float32.tflite"]
    seen = {described["checksum"]}
    for file in files:
        sidecar = load_network(folder / file).sidecar
        assert sidecar.network == described["network"]
        assert len(sidecar.checksum) == 64
        seen.add(sidecar.checksum)
    assert len(seen) == 4
