"""A preset's name means the preset, whatever lies in the working directory."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import facemtl
from facemtl.errors import InputError
from facemtl.inference.runtimes import as_network, format_of, load_network
from facemtl.presets import FOLDER, NAMES, find_pretrained


@pytest.fixture
def strangers(tmp_path, monkeypatch):
    """A working directory with what a stranger calls `base`."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        folder = tmp_path / name
        (folder / "saved_model").mkdir(parents=True)
        (folder / "saved_model.pb").write_bytes(b"\x08\x01")
        (folder / "saved_model" / "saved_model.pb").write_bytes(b"\x08\x01")
        (folder / "facemtl.json").write_text("{}")
        (folder / "config.toml").write_text("[data]\nsource = 'elsewhere'\n")
    return tmp_path


def predictions(network):
    size = network.crop.size
    return network.predict(np.full((1, size, size, 1), 90, np.uint8))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_the_preset_wherever_it_is_given(name, strangers):
    file = FOLDER / f"{name}.tflite"
    assert find_pretrained(name) == find_pretrained(Path(name)) == file
    assert format_of(name) == "tflite"
    expected = predictions(load_network(file))
    for network in (
        load_network(name),
        load_network(Path(name)),
        as_network(name),
        facemtl.Predictor.load(name).network,
    ):
        found = predictions(network)
        for task, answer in expected.items():
            np.testing.assert_array_equal(found[task], answer)


def test_a_teacher_and_a_batch_are_presets_too(strangers):
    from facemtl.config import load_settings
    from facemtl.export.apps.batch.run_folder import model_digest
    from facemtl.geometry.crops import CropSpec
    from facemtl.pipeline.teacher import build_teacher
    from facemtl.tasks import MTFL_TASKS

    settings = load_settings(settings=["distillation.teacher=tiny"])
    teacher = build_teacher(settings.distillation, MTFL_TASKS, CropSpec())
    assert type(teacher.network).__name__ == "TfliteRuntime"
    assert model_digest("base") == model_digest(str(FOLDER / "base.tflite"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "verb", [["predict", "--model"], ["evaluate"]], ids=["predict", "evaluate"]
)
def test_commands_take_the_preset(verb, strangers):
    faces = facemtl.synthetic_faces(1, seed=3)
    import cv2

    bgr = faces.images.read(faces.names[0])[..., ::-1]
    cv2.imwrite(str(strangers / "photo.png"), bgr)
    left, top, right, bottom = faces.boxes[0]
    (strangers / "faces.csv").write_text(
        "file,left,top,right,bottom,smile\n"
        f"photo.png,{left},{top},{right},{bottom},yes\n"
    )
    (strangers / "boxes.csv").write_text(
        f"file,left,top,right,bottom\nphoto.png,{left},{top},{right},{bottom}\n"
    )
    words = {
        "predict": ["base", "photo.png", "--boxes", "boxes.csv"],
        "evaluate": ["base", "--data", "faces.csv"],
    }[verb[0]]
    done = subprocess.run(
        [sys.executable, "-m", "facemtl", *verb, *words],
        capture_output=True,
        text=True,
        cwd=strangers,
    )
    assert done.returncode == 0, done.stderr
    assert "smile" in done.stdout or "face" in done.stdout


@pytest.mark.parametrize(
    "path", ["./base", "base/", "base.tflite", "../x/base"]
)
def test_a_separator_or_an_ending_makes_a_path(path, strangers):
    assert find_pretrained(path) == Path(path)
    with pytest.raises(InputError) as error:
        load_network(path)
    assert "\n" not in str(error.value)


def test_a_path_of_a_preset_loads_what_lies_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base").mkdir()
    shutil.copy(FOLDER / "tiny.tflite", "base/model.tflite")
    own, tiny = load_network("base/model.tflite"), load_network("tiny")
    np.testing.assert_array_equal(
        predictions(own)["landmarks"], predictions(tiny)["landmarks"]
    )


@pytest.mark.parametrize("load", [load_network, facemtl.load_model])
@pytest.mark.parametrize(
    "name", ["bse", "Base", "mine", "base ", "-x", "größe"]
)
def test_what_may_be_a_name_is_told_what_is_possible(
    name, load, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    with pytest.raises(InputError) as error:
        load(name)
    assert str(error.value) == (
        "Expected a run folder with model.keras, a network's file, or a preset "
        f"(tiny, base, large, points68). Received: {name!r}, which is none of "
        f"these. For a file or folder of this name, write ./{name}."
    )


def test_a_configuration_is_no_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "split").mkdir()
    for load in (load_network, facemtl.load_model):
        with pytest.raises(InputError, match="'split', a configuration"):
            load("split")


def test_this_folder_and_the_one_above_are_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in (".", "..", Path("mine")):
        assert find_pretrained(path) == Path(path)
