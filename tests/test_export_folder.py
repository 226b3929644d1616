"""A folder holds the files of one network; none is replaced without a word."""

import json
import shutil
import sys

import forked
import numpy as np
import pytest
from model_file_case import TASKS, crops, join_tflite, split_tflite

from facemtl.errors import InputError
from facemtl.export.formats import export_network
from facemtl.files.checksums import checksum
from facemtl.inference.runtimes import load_network
from facemtl.models import FaceNetwork, load_model
from facemtl.models.identity import network_digest

pytestmark = pytest.mark.slow
TFLITE = "model_float32_batch.tflite"


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """Two networks alike in all but their weights, as .keras files."""
    folder = tmp_path_factory.mktemp("networks")
    for name in ("a", "b"):
        FaceNetwork(TASKS, width=0.1).save(folder / f"{name}.keras")
    return folder


@pytest.fixture(scope="module")
def exported(networks):
    """{name: its export as TFLite}."""
    return {
        name: export_network(
            networks / f"{name}.keras",
            networks / name,
            ["tflite"],
            ["none"],
            verbose=0,
        )
        for name in ("a", "b")
    }


@pytest.fixture
def folder(exported, tmp_path):
    """A copy of the export of a."""
    return shutil.copytree(exported["a"], tmp_path / "exported")


def content(folder):
    return {x.name: x.read_bytes() for x in folder.iterdir() if x.is_file()}


def smiles(network):
    return network.predict(crops())["smile"]


def refusal(call, *words, **more):
    with pytest.raises(InputError) as error:
        call(*words, **more)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("formats", [["onnx"], ["tflite"], ["saved_model"]])
def test_another_networks_export_is_left_alone(formats, networks, folder):
    before = content(folder)
    said = refusal(
        export_network, networks / "b.keras", folder, formats, verbose=0
    )
    assert said == (
        "Expected --out as a new folder, or one with an export of the same "
        f"network. Received: {folder}, with model.keras, of another network. "
        "Give another folder, or --overwrite to replace it."
    )
    assert content(folder) == before


def test_the_command_says_so_in_a_line(networks, folder):
    before = content(folder)
    words = [networks / "b.keras", "--out", folder, "--formats", "tflite"]
    words += ["--quantize", "none"]
    command = [sys.executable, "-m", "facemtl", "export", *words]
    done = forked.run(command)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--overwrite to replace it" in done.stderr
    assert content(folder) == before
    done = forked.run([*command, "--overwrite"])
    assert done.returncode == 0
    b = load_network(networks / "b.keras")
    np.testing.assert_allclose(
        smiles(load_network(folder)), smiles(b), atol=1e-5
    )


def test_a_runs_network_is_never_replaced(networks, tmp_path):
    run = tmp_path / "runs" / "a"
    run.mkdir(parents=True)
    shutil.copy(networks / "a.keras", run / "model.keras")
    (run / "report.json").write_text("{}")
    before = content(run)
    for overwrite in (False, True):
        said = refusal(
            export_network,
            networks / "b.keras",
            run,
            ["onnx"],
            verbose=0,
            overwrite=overwrite,
        )
        assert said.endswith(
            "with model.keras, the folder of a run. Give another folder."
        )
    mirrored = {"mirrored": True, "verbose": 0, "overwrite": True}
    refusal(export_network, run, run, ["onnx"], **mirrored)
    assert content(run) == before


def test_a_run_may_be_exported_into_its_folder(networks, tmp_path):
    run = tmp_path / "a"
    run.mkdir()
    shutil.copy(networks / "a.keras", run / "model.keras")
    (run / "report.json").write_text("{}")
    before = (run / "model.keras").read_bytes()
    export_network(run, run, ["tflite"], ["none"], verbose=0)
    assert (run / "model.keras").read_bytes() == before
    assert type(load_network(run)).__name__ == "TfliteRuntime"


def test_formats_of_the_same_network_are_added(networks, folder):
    """However often it was loaded and saved meanwhile."""
    load_model(networks / "a.keras").save(networks / "again.keras")
    export_network(networks / "again.keras", folder, ["onnx"], verbose=0)
    a, b = load_network(folder / "model.onnx"), load_network(folder / TFLITE)
    np.testing.assert_allclose(smiles(a), smiles(b), atol=1e-5)
    assert type(load_network(folder)).__name__ == "TfliteRuntime"


def test_an_export_of_another_network_takes_all_its_files_along(
    networks, folder
):
    (folder / "notes.txt").write_text("mine")
    (folder / "check.md").write_text("of a")
    export_network(
        networks / "b.keras", folder, ["onnx"], verbose=0, overwrite=True
    )
    assert {x.name for x in folder.iterdir()} == {
        *("facemtl.json", "model.keras", "model.onnx", "notes.txt")
    }
    b = load_network(networks / "b.keras")
    np.testing.assert_allclose(
        smiles(load_network(folder)), smiles(b), atol=1e-5
    )


@pytest.mark.parametrize(
    "name", [TFLITE, "model_float32.tflite", "model.keras", "facemtl.json"]
)
def test_a_mixed_folder_is_refused(name, exported, folder):
    """As an earlier facemtl left it, or somebody who copied files."""
    shutil.copy(exported["b"] / name, folder / name)
    said = refusal(load_network, folder)
    assert said.startswith(f"{folder}: expected files of one network. Received")
    # A file that is named itself is what it says.
    assert load_network(folder / TFLITE).tasks == TASKS


def test_a_mixed_folder_of_other_formats_is_refused(networks, folder, tmp_path):
    other = export_network(
        networks / "b.keras", tmp_path / "b", ["onnx", "saved_model"], verbose=0
    )
    shutil.copy(other / "model.onnx", folder)
    assert "Received: model.onnx, whose network" in refusal(
        load_network, folder
    )
    (folder / "model.onnx").unlink()
    shutil.copytree(other / "saved_model", folder / "saved_model")
    assert "Received: saved_model, whose network" in refusal(
        load_network, folder
    )


def without_digests(folder):
    """The folder as an earlier facemtl wrote it."""
    for file in folder.glob("*.tflite"):
        network, sidecar = split_tflite(file)
        del sidecar["checksum"], sidecar["network"]
        join_tflite(network, json.dumps(sidecar), file)
    file = folder / "facemtl.json"
    sidecar = json.loads(file.read_text())
    del sidecar["checksum"], sidecar["network"]
    file.write_text(json.dumps(sidecar))


def test_a_folder_of_yesterday_is_read_and_added_to(networks, folder):
    without_digests(folder)
    assert load_network(folder).tasks == TASKS
    export_network(networks / "a.keras", folder, ["onnx"], verbose=0)
    assert load_network(folder).tasks == TASKS
    refusal(export_network, networks / "b.keras", folder, ["onnx"], verbose=0)


def test_a_mixed_folder_of_yesterday_is_refused(folder, tmp_path):
    """Of two runs, whose sidecars tell them apart."""
    without_digests(folder)
    file = folder / "facemtl.json"
    sidecar = json.loads(file.read_text())
    sidecar["training"]["seed"] = 7
    file.write_text(json.dumps(sidecar))
    assert "whose network facemtl.json does not describe" in refusal(
        load_network, folder
    )


def test_a_networks_digest_is_of_its_weights_and_settings(networks):
    a, b = (load_model(networks / f"{x}.keras") for x in "ab")
    again = load_model(networks / "a.keras")
    assert network_digest(a) == network_digest(again)
    assert network_digest(a) != network_digest(b)
    again.weights[0].assign(again.weights[0] + 1e-6)
    assert network_digest(a) != network_digest(again)


def test_the_folders_checksum_is_of_its_keras_network(folder):
    sidecar = json.loads((folder / "facemtl.json").read_text())
    whole = (folder / "model.keras").read_bytes()
    assert sidecar["checksum"] == checksum([whole])
