"""Keras's own settings that facemtl cannot use are refused in one line."""

import json
import os
import subprocess
import sys

import keras
import pytest

from facemtl.errors import InputError
from facemtl.models import FaceNetwork, load_model
from facemtl.process.keras_settings import check_keras_settings
from facemtl.tasks import LANDMARKS

WRONG = {
    "backend": ("openvino", "tensorflow"),
    "floatx": ("float16", "float32"),
    "image_data_format": ("channels_first", "channels_last"),
}


def run(words, **environment):
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


ANY = "'tensorflow', 'jax' or 'torch'"


def expected(setting, value, needed, source, allowed=""):
    return (
        f"Expected {setting} = {allowed or repr(needed)} of Keras. Received: "
        f"'{value}', from {source}. Set it to '{needed}' there."
    )


@pytest.fixture
def keras_json(tmp_path):
    """Writes Keras's file; returns the folder that holds it."""

    def write(settings):
        file = tmp_path / "keras.json"
        file.write_text(json.dumps(settings))
        return tmp_path

    return write


@pytest.mark.parametrize("setting", WRONG)
def test_a_command_tells_a_setting_of_the_file(setting, keras_json):
    value, needed = WRONG[setting]
    home = keras_json({setting: value})
    done = run(["-m", "facemtl", "fit"], KERAS_HOME=str(home))
    allowed = ANY if setting == "backend" else ""
    line = expected(setting, value, needed, home / "keras.json", allowed)
    assert done.stderr == f"error: {line}\n"
    assert done.returncode == 2


@pytest.mark.parametrize("backend", ["jax", "torch", "no_such"])
def test_a_command_tells_the_environments_backend(backend, keras_json):
    home = str(keras_json({"backend": "tensorflow"}))
    done = run(
        ["-m", "facemtl", "evaluate", "runs/none"],
        KERAS_HOME=home,
        KERAS_BACKEND=backend,
    )
    source = "the environment variable KERAS_BACKEND"
    line = expected("backend", backend, "tensorflow", source)
    assert done.stderr == f"error: {line}\n"


def test_fit_tells_a_backend_that_is_not_installed(keras_json):
    done = run(["-m", "facemtl", "fit"], KERAS_BACKEND="jax")
    assert done.stderr == (
        "error: Keras's backend, by the environment variable KERAS_BACKEND, "
        "needs the package jax. Install it with: pip install jax\n"
    )
    assert done.returncode == 2


USES = {
    "a name": "import facemtl; facemtl.FaceNetwork",
    "a network": "import facemtl; facemtl.FaceNetwork([facemtl.MTFL_TASKS[0]])",
    "a file": "import facemtl; facemtl.load_model('model.keras')",
    "a run": "import facemtl; facemtl.train({}, 'runs/none')",
    "a runtime": "import facemtl; facemtl.load_network('model.keras')",
}


@pytest.mark.parametrize("use", USES)
def test_python_tells_a_backend_that_is_not_installed(use):
    done = run(["-c", USES[use]], KERAS_BACKEND="no_such")
    source = "the environment variable KERAS_BACKEND"
    allowed = "" if use == "a runtime" else ANY
    line = expected("backend", "no_such", "tensorflow", source, allowed)
    assert done.stderr.splitlines()[-1].endswith(f"InputError: {line}")
    assert "During handling" not in done.stderr


def test_a_backend_that_is_installed(monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "openvino")
    monkeypatch.setenv("KERAS_BACKEND", "openvino")
    with pytest.raises(InputError) as error:
        FaceNetwork((LANDMARKS,), architecture="single")
    source = "the environment variable KERAS_BACKEND"
    assert str(error.value) == expected(
        "backend", "openvino", "tensorflow", source, ANY
    )


def test_keras_itself_tells_of_its_own_import():
    code = (
        "import facemtl; print(facemtl.Task('a', 'value').size); import keras"
    )
    done = run(["-c", code], KERAS_BACKEND="no_such")
    assert done.stdout == "1\n"
    assert done.stderr.splitlines()[-1].startswith("ValueError: Unable to")


@pytest.mark.parametrize(
    ("content", "received"),
    [
        ([1], "expected a JSON object of Keras's settings. Received: [1]"),
        ({"epsilon": 1}, "Expected epsilon of Keras as a float"),
        ({"floatx": "float31"}, "Received: 'float31'"),
        ({"backend": None}, "Received: None"),
    ],
    ids=str,
)
def test_what_keras_itself_cannot_read(content, received, keras_json):
    home = str(keras_json(content))
    done = run(["-m", "facemtl", "fit"], KERAS_HOME=home)
    assert received in done.stderr
    assert done.stderr.count("\n") == 1
    done = run(["-c", USES["a network"]], KERAS_HOME=home)
    assert received in done.stderr.splitlines()[-1]


def test_a_file_of_tflite_needs_no_keras(keras_json):
    code = """
import sys, facemtl, numpy as np
network = facemtl.load_network("tiny")
shape = (1, *network.crop.shape)
print(len(network.predict(np.zeros(shape, "uint8"))), "keras" in sys.modules)
"""
    home = str(keras_json({"floatx": "float16"}))
    done = run(["-c", code], KERAS_BACKEND="jax", KERAS_HOME=home)
    assert done.stdout == "6 False\n", done.stderr


def test_what_is_set_while_a_program_runs(tmp_path):
    network = FaceNetwork((LANDMARKS,), architecture="single", width=0.1)
    network.save(tmp_path / "model.keras")
    keras.config.set_image_data_format("channels_first")
    try:
        for use in (
            check_keras_settings,
            lambda: FaceNetwork((LANDMARKS,), architecture="single"),
            lambda: load_model(tmp_path),
        ):
            with pytest.raises(InputError) as error:
                use()
            assert str(error.value) == expected(
                *("image_data_format", "channels_first", "channels_last"),
                "keras.config, which this program has set",
            )
    finally:
        keras.config.set_image_data_format("channels_last")
    check_keras_settings()


def test_without_a_file_keras_defaults_will_do(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "nothing"))
    monkeypatch.setenv("KERAS_BACKEND", "")
    check_keras_settings()
    (tmp_path / "keras.json").write_text("{broken")  # Keras reads past it
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    check_keras_settings()


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_backend_is_known_before_keras_is_imported(backend):
    code = (
        "from facemtl.process.keras_settings import backend_before_import as x"
        "\nimport sys; print(x(), 'keras' in sys.modules)"
    )
    assert run(["-c", code], KERAS_BACKEND=backend).stdout == (
        f"{backend} False\n"
    )
