"""Files of networks that are damaged, unusable or too large."""

import io
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import zipfile

import keras
import numpy as np
import onnx
import pytest
from damaged.limited import Here
from damaged.models import try_kind
from model_file_case import (
    TASKS,
    crops,
    join_tflite,
    small_export,
    split_tflite,
)

from facemtl.errors import InputError
from facemtl.export.tflite import write_tflite
from facemtl.inference.runtimes import load_network
from facemtl.inference.runtimes.onnx_weights import check_weights
from facemtl.inference.runtimes.runtime import Runtime
from facemtl.inference.sidecar import NAME, Sidecar
from facemtl.models import FaceNetwork, load_model
from facemtl.presets import FOLDER
from facemtl.tasks import SMILE


def refusal(file, load=load_network):
    with pytest.raises(InputError) as error:
        load(file)
    assert "\n" not in str(error.value)
    return str(error.value)


def flipped(content, places):
    """Copies of some bytes, each with one bit flipped."""
    draws = np.random.default_rng(0)
    for place in draws.integers(0, len(content), places):
        copy = bytearray(content)
        copy[place] ^= 1 << int(draws.integers(8))
        yield bytes(copy)


def check_flips(file, copy, places):
    """Whatever loads predicts the very numbers and names of the whole file."""
    whole = load_network(file)
    expected = whole.predict(crops())
    refused = 0
    for content in flipped(file.read_bytes(), places):
        copy.write_bytes(content)
        try:
            network = load_network(copy)
        except InputError as error:
            refused += 1
            assert "\n" not in str(error)
            continue
        assert network.tasks == whole.tasks
        for name, answer in expected.items():
            np.testing.assert_array_equal(
                network.predict(crops())[name], answer
            )
    return refused


def test_a_bit_of_a_tflite_file(tmp_path):
    file = FOLDER / "tiny.tflite"
    assert check_flips(file, tmp_path / "m.tflite", 100) >= 95


@pytest.mark.slow
def test_a_bit_of_an_onnx_file(tmp_path):
    file = small_export() / "model.onnx"
    assert check_flips(file, tmp_path / "m.onnx", 60) == 60


@pytest.mark.slow
def test_a_bit_of_a_keras_file(tmp_path):
    """Its zip has a checksum of every entry."""
    file = small_export() / "model.keras"
    assert check_flips(file, tmp_path / "m.keras", 30) >= 20


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["saved_model.pb", "variables/variables.data-00000-of-00001"]
)
def test_a_bit_of_a_saved_model(name, tmp_path):
    folder = shutil.copytree(small_export() / "saved_model", tmp_path / "m")
    content = (folder / name).read_bytes()
    for copy in flipped(content, 10):
        (folder / name).write_bytes(copy)
        assert "another checksum" in refusal(folder)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [".onnx", "SavedModel"])
def test_some_damaged_models(kind):
    """`python -m damaged.models` in `tests` tries them all."""
    outcome = try_kind(kind, every=9, reader_of=Here)
    assert outcome.faults == []
    assert outcome.counts["same"] >= 1
    assert outcome.counts["refused"] >= 5


@pytest.mark.slow
def test_metadata_that_is_no_text(tmp_path):
    content = (small_export() / "model.onnx").read_bytes()
    at = content.rindex(b'"format"')
    file = tmp_path / "m.onnx"
    file.write_bytes(content[:at] + b"\xba" + content[at + 1 :])
    assert "one without a whole facemtl.json in its metadata" in refusal(file)


def nan_network(one=False):
    """A network whose weights, or one of them, are NaN."""
    network = FaceNetwork((SMILE,), width=0.1)
    weights = [np.asarray(w) for w in network.get_weights()]
    if one:
        weights[0].flat[3] = np.nan
    else:
        weights = [np.full_like(w, np.nan) for w in weights]
    network.set_weights(weights)
    return network


@pytest.mark.slow
@pytest.mark.parametrize("one", [True, False], ids=["one", "all"])
def test_weights_that_are_nan(one, tmp_path):
    network = nan_network(one)
    network.save(tmp_path / "m.keras")
    assert "expected weights that are numbers" in refusal(tmp_path / "m.keras")
    sidecar = Sidecar(network.tasks, network.crop)
    write_tflite(network, sidecar, tmp_path / "m.tflite")
    assert "that are numbers" in refusal(tmp_path / "m.tflite")


@pytest.mark.slow
def test_weights_that_are_nan_in_other_formats(tmp_path):
    from facemtl.export.onnx import write_onnx
    from facemtl.export.saved_model import write_saved_model

    network = nan_network(one=True)
    sidecar = Sidecar(network.tasks, network.crop)
    write_onnx(network, sidecar, tmp_path / "m.onnx")
    write_saved_model(network, sidecar, tmp_path / "m")
    for file in ("m.onnx", "m"):
        assert "weights that are numbers" in refusal(tmp_path / file)


@pytest.mark.parametrize("kind", ["FLOAT", "FLOAT16", "DOUBLE"], ids=str.lower)
@pytest.mark.parametrize("raw", [True, False], ids=["raw", "listed"])
@pytest.mark.parametrize("number", [np.nan, -np.inf], ids=["nan", "inf"])
def test_weights_of_an_onnx_file_wherever_they_stand(kind, raw, number):
    of = getattr(onnx.TensorProto, kind)
    dtype = onnx.helper.tensor_dtype_to_np_dtype(of)
    for some, expected in (([1.0, number, 2.0], False), ([1.0, 2.0], True)):
        data = np.array(some, dtype).tobytes() if raw else some
        tensor = onnx.helper.make_tensor("w", of, [len(some)], data, raw)
        graph = onnx.helper.make_graph([], "g", [], [], [tensor])
        content = onnx.helper.make_model(graph).SerializeToString()
        if expected:
            check_weights(content, "m.onnx")
            continue
        with pytest.raises(InputError, match="weights that are numbers"):
            check_weights(content, "m.onnx")


def test_weights_of_an_onnx_file_one_by_one():
    """Numbers may also stand in fields of their own, not packed."""

    def message(number, content):
        return bytes([number << 3 | 2, len(content)]) + content

    def floats(*numbers):
        one_by_one = (b"\x25" + struct.pack("<f", x) for x in numbers)
        return b"\x08\x02\x10\x01" + b"".join(one_by_one)

    def model(tensor):
        return message(7, message(5, tensor))

    assert onnx.load_from_string(model(floats(1, 2))).graph.initializer[0]
    check_weights(model(floats(1, 2)), "m.onnx")
    with pytest.raises(InputError, match="weights that are numbers"):
        check_weights(model(floats(math.nan, 2)), "m.onnx")


class Unusable(Runtime):
    """A network that predicts no number."""

    def __init__(self, number):
        super().__init__((SMILE,), FaceNetwork((SMILE,), width=0.1).crop)
        self._number = number

    def answer(self, crops):
        return {"smile": np.full((len(crops), 2), self._number, np.float32)}


@pytest.mark.parametrize("number", [np.nan, np.inf], ids=["nan", "inf"])
def test_predictions_that_are_no_numbers(number):
    with pytest.raises(InputError, match="'smile' that are finite numbers"):
        Unusable(number).predict(crops())


def test_a_keras_network_of_nan_predicts_nothing():
    from facemtl import Predictor

    photo = np.full((60, 60, 3), 90, np.uint8)
    predictor = Predictor(nan_network())
    with pytest.raises(InputError, match="that are finite numbers"):
        predictor(photo, [[5, 5, 50, 50]])


# Measured in a process of its own: what it took at most, in MB.
PEAK = """
import sys
from pathlib import Path
from facemtl.errors import InputError
from facemtl.inference.runtimes import load_network
try:
    load_network(sys.argv[1])
except InputError as error:
    print(error)
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1000)
"""


def said_and_taken(file):
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(file)], capture_output=True, text=True
    )
    *said, peak = done.stdout.splitlines()
    return " ".join(said), int(peak)


@pytest.mark.slow
def test_a_sidecar_that_inflates_to_gigabytes(tmp_path):
    network, _ = split_tflite(FOLDER / "tiny.tflite")
    file = tmp_path / "m.tflite"
    file.write_bytes(network)
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as associated,
        associated.open(NAME, "w", force_zip64=True) as out,
    ):
        for _ in range(500):
            out.write(bytes(2**20))
    assert file.stat().st_size < 3e6
    said, peak = said_and_taken(file)
    assert "of at most 16,777,216 bytes" in said
    assert peak < 300


def test_a_sidecar_whose_size_is_a_lie(tmp_path):
    network, sidecar = split_tflite(FOLDER / "tiny.tflite")
    text = json.dumps(sidecar) + 200_000_000 * " "
    file = join_tflite(network, text, tmp_path / "m.tflite")
    content = bytearray(file.read_bytes())
    for head, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.rindex(head) + at
        content[place : place + 4] = (1000).to_bytes(4, "little")
    file.write_bytes(content)
    said, peak = said_and_taken(file)
    assert "m.tflite" in said
    assert peak < 300


def test_a_packed_sidecar_of_another_method(tmp_path):
    network, sidecar = split_tflite(FOLDER / "tiny.tflite")
    file = tmp_path / "m.tflite"
    file.write_bytes(network)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_LZMA) as associated:
        associated.writestr(NAME, json.dumps(sidecar))
    assert "stored or deflated" in refusal(file)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    file = tmp_path_factory.mktemp("small") / "small.keras"
    FaceNetwork(TASKS, width=0.1).save(file)
    return file


def with_settings(source, out, **settings):
    """The file, with other settings in its `config.json`."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                config["config"].update(settings)
                content = json.dumps(config).encode()
            new.writestr(name, content)
    return out


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"width": 300.0},
        {"channels": [9000] * 5},
        {"crop": {"size": 1024, "color": "rgb", "margin": 0.0}, "width": 50.0},
        {"architecture": "cross_stitch", "width": 200.0},
    ],
    ids=["width", "channels", "crop", "streams"],
)
def test_settings_that_ask_for_gigabytes(settings, small, tmp_path):
    file = with_settings(small, tmp_path / "m.keras", **settings)
    said, peak = said_and_taken(file)
    assert "which its settings ask for" in said
    assert peak < 1500


def test_a_crop_of_20_000_pixels_in_a_keras_file(small, tmp_path):
    crop = {"size": 20_000, "color": "gray", "margin": 0.0}
    file = with_settings(small, tmp_path / "m.keras", crop=crop)
    assert "at most 1,024" in refusal(file, load_model)


@pytest.mark.slow
def test_a_keras_file_that_inflates_to_gigabytes(small, tmp_path):
    file = tmp_path / "m.keras"
    with (
        zipfile.ZipFile(small) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        new.writestr("config.json", old.read("config.json"))
        with new.open("model.weights.h5", "w", force_zip64=True) as out:
            for _ in range(600):
                out.write(bytes(2**20))
    assert "at most 536,870,912 bytes" in refusal(file, load_model)


def test_arrays_larger_than_their_file(small, tmp_path):
    import h5py

    stored = io.BytesIO()
    with h5py.File(stored, "w") as arrays:
        # Nothing of it is stored: its fill value stands for all.
        arrays.create_dataset("w", (10**5, 10**5), "f4", chunks=(100, 100))
    file = tmp_path / "m.keras"
    with zipfile.ZipFile(small) as old, zipfile.ZipFile(file, "w") as new:
        new.writestr("config.json", old.read("config.json"))
        new.writestr("model.weights.h5", stored.getvalue())
    assert "expected weights of at most" in refusal(file, load_model)


def test_a_setting_that_is_unknown(small, tmp_path):
    """Keras would ignore it, and the network might predict other numbers."""
    file = with_settings(small, tmp_path / "m.keras", later=1)
    assert refusal(file, load_model) == (
        f"{file}: Expected arguments of FaceNetwork. Received: ['later']."
    )
    with pytest.raises(InputError, match=r"Received: \['widht'\]"):
        FaceNetwork((SMILE,), widht=0.5)


def test_a_large_foreign_network_is_not_built(tmp_path):
    layers = [keras.Input((2,)), keras.layers.Dense(1)]
    keras.Sequential(layers).save(tmp_path / "other.keras")
    with zipfile.ZipFile(tmp_path / "other.keras") as old:
        config = old.read("config.json").replace(
            b'"units": 1', b'"units": 1000000000'
        )
        weights = old.read("model.weights.h5")
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as new:
        new.writestr("config.json", config)
        new.writestr("model.weights.h5", weights)
    assert refusal(tmp_path / "m.keras", load_model).endswith(
        "expected a facemtl network. Received: a Sequential."
    )


def test_huge_and_endless_files(tmp_path):
    for ending in ("tflite", "onnx", "keras"):
        large = tmp_path / f"large.{ending}"
        large.touch()
        os.truncate(large, 2**40)
        assert "expected at most 536,870,912 bytes" in refusal(large)
        link = tmp_path / f"zero.{ending}"
        link.symlink_to("/dev/zero")
        pipe = tmp_path / f"pipe.{ending}"
        os.mkfifo(pipe)
        for path in (link, pipe):
            assert refusal(path).startswith("Expected ")
