"""The presets as whole Keras networks: the same as their TFLite files."""

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

import facemtl
from facemtl.errors import InputError
from facemtl.evaluation.scores import headline
from facemtl.files.checksums import checksum
from facemtl.geometry.crops import crop, square_windows
from facemtl.inference.runtimes import load_network
from facemtl.models import loading
from facemtl.models.identity import network_digest
from facemtl.presets import FOLDER, NAMES, catalogue

ROOT = Path(__file__).parent.parent
# Each file rounds its own weights to float16.
POINTS, PROBABILITIES = 5e-4, 4e-3
MOST = 12e6  # bytes of all presets
WEIGHTS = "model.weights.h5"


def result_of(name):
    return json.loads((ROOT / f"presets/{name}.json").read_text("utf-8"))


def drawn_crops(spec, n=40):
    faces = facemtl.synthetic_faces(n, seed=2)
    windows = square_windows(faces.boxes, spec.margin)
    photos = [faces.images.read(name) for name in faces.names]
    pairs = zip(photos, windows, strict=True)
    return np.stack([crop(x, w, spec.size, spec.color) for x, w in pairs])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_both_files_predict_the_same(name):
    network, lite = facemtl.load_model(name), load_network(name)
    assert network.tasks == lite.tasks
    assert network.crop == lite.crop
    assert network.box_convention == lite.box_convention
    crops = drawn_crops(network.crop)
    found = network.predict(crops, verbose=0)
    kinds = {task.name: task.kind for task in network.tasks}
    for task, expected in lite.predict(crops).items():
        limit = PROBABILITIES if kinds.get(task) == "classes" else POINTS
        np.testing.assert_allclose(found[task], expected, rtol=0, atol=limit)
        assert np.ptp(expected, axis=0).max() > 20 * limit
        if task.endswith("_sigma"):
            np.testing.assert_allclose(found[task], expected, rtol=0.03)
    assert {weight.dtype for weight in network.weights} == {"float32"}
    sidecar = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert sidecar["network"] == network_digest(network)


def test_all_presets_are_small_together():
    files = [x for name in NAMES for x in FOLDER.glob(f"{name}.*")]
    assert {x.suffix for x in files} == {
        *(".toml", ".tflite", ".keras", ".json", ".md")
    }
    assert sum(file.stat().st_size for file in files) < MOST


@pytest.mark.parametrize("name", NAMES)
def test_the_hash_is_that_of_sidecar_card_and_scores(name):
    (preset,) = (x for x in facemtl.list_presets() if x.name == name)
    digest = checksum([preset.keras.read_bytes()])
    assert preset.checksum == digest
    assert f"| SHA-256 of `{name}.keras` | `{digest}` |" in (
        preset.card.read_text("utf-8")
    )
    written = result_of(name)["keras"]
    assert written["sha256"] == digest
    assert written["bytes"] == preset.keras.stat().st_size


@pytest.mark.parametrize("name", NAMES)
def test_the_list_says_what_the_card_says(name):
    (preset,) = (x for x in facemtl.list_presets() if x.name == name)
    result = result_of(name)
    best = result["seeds"][result["seed"]]
    training = result["training"][result["seed"]]
    assert preset.parameters == training["parameters"]
    assert preset.bytes == result["bytes"] == preset.tflite.stat().st_size
    assert preset.scores.keys() == {"validation", "test"} & best.keys()
    for split, found in preset.scores.items():
        expected = best[split]
        for key, value in found["landmarks"].items():
            assert value == expected["landmarks"][key], key
        own, given = (x.get("attributes", {}) for x in (found, expected))
        assert own.keys() == given.keys()
        for task, scores in own.items():
            accuracy = given[task]["accuracy"]
            assert scores["accuracy"] == accuracy
    network = load_network(name)
    assert preset.size == network.crop.size
    assert preset.tasks == {x.name: x.names for x in network.tasks}
    assert "MTFL" in preset.data
    assert preset.data.startswith("POINTS68") == (name == "points68")
    assert "research only" in preset.licence


def test_the_list_imports_no_tensorflow():
    code = (
        "import sys, facemtl\n"
        "print([x.name for x in facemtl.list_presets()])\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.stdout == f"{list(NAMES)}\nset()\n", done.stderr


def half(content):
    return content[: len(content) // 2]


def one_bit(content):
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def nothing(content):
    return b""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The file that is read as the preset `tiny`."""
    file = tmp_path / "tiny.keras"
    monkeypatch.setattr(loading, "FOLDER", tmp_path)
    monkeypatch.setattr(loading, "find_keras", lambda path: file)
    return file


@pytest.mark.parametrize("damage", [half, one_bit, nothing])
def test_a_damaged_file_is_one_line(damage, file):
    file.write_bytes(damage((FOLDER / "tiny.keras").read_bytes()))
    with pytest.raises(InputError) as error:
        facemtl.load_model("tiny")
    assert str(error.value).startswith(f"{file}: damaged: expected the bytes")
    assert "\n" not in str(error.value)


def test_a_file_of_another_preset_is_refused(file):
    file.write_bytes((FOLDER / "base.keras").read_bytes())
    with pytest.raises(InputError, match="another checksum"):
        facemtl.load_model("tiny")


@pytest.mark.slow
def test_kernels_are_packed_and_statistics_are_not(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "presets")
    from packed import write_preset

    from facemtl.export.description import describe

    network = facemtl.load_model("tiny")
    file = tmp_path / "small.keras"
    sidecar = replace(describe(network, "tiny"), network="", checksum="")
    best = result_of("tiny")["seeds"][0]
    write_preset(network, sidecar, best, tmp_path, "small")
    with zipfile.ZipFile(file) as packed, packed.open(WEIGHTS) as opened:
        arrays = {}
        h5py.File(opened, "r").visititems(lambda k, x: arrays.update({k: x}))
        kinds = {
            (x.ndim > 1, str(x.dtype))
            for x in arrays.values()
            if isinstance(x, h5py.Dataset)
        }
    assert kinds == {(True, "float16"), (False, "float32")}
    again = facemtl.load_model(file)
    assert network_digest(again) == network_digest(network)
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    (tmp_path / "small.tflite").write_bytes(b"")
    small = facemtl.presets.read_preset("small")
    assert small.checksum == checksum([file.read_bytes()])
    assert small.scores["test"] == headline(best["test"])


def test_a_predictor_loads_base_by_default():
    faces = facemtl.synthetic_faces(1)
    photo = faces.images.read(faces.names[0])
    (one,) = facemtl.Predictor.load()(photo, boxes=faces.boxes)
    (other,) = facemtl.Predictor("base")(photo, boxes=faces.boxes)
    assert one.points == other.points
