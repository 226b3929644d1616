"""Files of facemtl's own, cut off or empty: made again, or named in a line."""

import json
import shutil

import numpy as np
import pytest

import facemtl
from facemtl.data.detected import detected
from facemtl.data.faces import BadRows
from facemtl.data.kept_convention import detector_convention
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.evaluation.predictions import read_predictions
from facemtl.export.description import describe
from facemtl.files import kept as kept_files
from facemtl.files.kept import read_arrays, read_kept
from facemtl.geometry.crops import CropSpec
from facemtl.pipeline.crop_cache import CachePlan, crop_faces
from facemtl.studies.run import Run
from facemtl.studies.study import Variant
from facemtl.studies.variant import describe_variant

SETTINGS = (
    *("data.source=synthetic", "data.faces=64", "model.width=0.25"),
    *("train.batch_size=16", "train.epochs=1"),
)
FACES = synthetic_faces(4)


def empty(file):
    file.write_bytes(b"")


def cut(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def zeros(file):
    file.write_bytes(bytes(len(file.read_bytes())))


def other(file):
    """Whole, and yet another thing."""
    if file.suffix == ".npz":
        np.savez(file, x=np.arange(3))
    elif file.suffix == ".npy":
        np.save(file, np.arange(3))
    else:
        file.write_text("[1]")


DAMAGE = [empty, cut, zeros, other]


@pytest.fixture(params=DAMAGE, ids=[one.__name__ for one in DAMAGE])
def damage(request):
    """A way to damage a file."""
    return request.param


def assert_made_again(folder, name, damage, make, same):
    """What a cache keeps is made again, with a line, and kept again."""
    first = make()
    (file,) = folder.glob(name)
    damage(file)
    with pytest.warns(UserWarning, match="damaged or cut off") as said:
        again = make()
    assert str(file) in str(said[0].message)
    assert "made again" in str(said[0].message)
    assert same(first, again)
    assert same(first, make())  # without a warning


def test_crops_are_cut_again(tmp_path, damage):
    plan = CachePlan(CropSpec(40, "gray", 0.0))
    assert_made_again(
        *(tmp_path, "crops-*.npy", damage),
        # A copy: a file that is cut while it is mapped ends the process.
        lambda: crop_faces(
            FACES, plan, cache=tmp_path, verbose=0
        ).images.copy(),
        lambda x, y: (x == y).all(),
    )


def test_boxes_are_detected_again(tmp_path, damage):
    faces = synthetic_faces(8)
    assert_made_again(
        *(tmp_path, "boxes-*.npz", damage),
        lambda: detected(faces, BadRows(True), tmp_path),
        lambda x, y: x.boxes.tolist() == y.boxes.tolist(),
    )


def test_a_convention_is_fitted_again(tmp_path, damage):
    assert_made_again(
        *(tmp_path, "detector-*.json", damage),
        lambda: detector_convention(FACES, tmp_path),
        lambda x, y: x == y,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    config = facemtl.load_config("split", settings=SETTINGS)
    facemtl.train(config, folder, verbose=0)
    return folder


@pytest.fixture
def damaged_run(finished, tmp_path, damage):
    """A function that copies the run and damages some of its files."""

    def make(*names, without=()):
        folder = tmp_path / "run"
        shutil.copytree(finished, folder)
        for name in without:
            (folder / name).unlink()
        for name in names:
            damage(folder / name)
        return folder

    return make


def resume(folder):
    config = facemtl.load_config("split", settings=SETTINGS)
    return facemtl.train(config, folder, resume=True, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["state.npz", "report.json", "rows.json"])
def test_a_run_names_its_damaged_file(name, damaged_run):
    without = () if name == "report.json" else ("report.json",)
    folder = damaged_run(name, without=without)
    with pytest.raises(InputError) as error:
        resume(folder)
    said = str(error.value)
    if (name, (folder / name).read_bytes()) != ("report.json", b""):
        assert said.startswith(f"{folder / name}: damaged or cut off (")
    assert "emove " in said
    assert "\n" not in said


@pytest.mark.slow
def test_the_advice_about_a_report_helps(damaged_run):
    folder = damaged_run("report.json")
    with pytest.raises(InputError, match="Remove it"):
        resume(folder)
    (folder / "report.json").unlink()
    report = resume(folder)
    assert report == json.loads((folder / "report.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["report.json", "predictions.npz", "history.csv"]
)
def test_a_study_names_the_damaged_file(name, damaged_run):
    folder = damaged_run(name)
    config = facemtl.load_config("split", settings=SETTINGS)
    run = Run(Variant("one", "", config), config, folder)
    with pytest.raises(InputError) as error:
        _read_all(run)
    assert str(folder / name) in str(error.value)
    assert "emove " in str(error.value)


def _read_all(run):
    if run.usable:
        read_predictions(run.folder / "predictions.npz")
        describe_variant([run], {}, {})


@pytest.mark.slow
def test_an_export_names_the_damaged_report(damaged_run):
    folder = damaged_run("report.json")
    network = facemtl.load_model(folder)
    with pytest.raises(InputError, match=r"report\.json: damaged"):
        describe(network, folder)


def test_arrays_that_would_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_files, "SMALL", 1)
    file = tmp_path / "state.npz"
    np.savez_compressed(file, zeros=np.zeros(10**6, np.uint8))
    with pytest.raises(InputError) as error:
        read_kept(file, read_arrays, "Remove it.")
    assert str(error.value) == (
        f"{file}: damaged or cut off (1,000,128 bytes packed in "
        f"{file.stat().st_size:,}). Remove it."
    )


def test_packed_arrays_are_read(tmp_path):
    arrays = {"ramp": np.arange(1000), "zeros": np.zeros(10**6)}
    np.savez_compressed(tmp_path / "some.npz", **arrays)
    for name, array in read_arrays(tmp_path / "some.npz").items():
        np.testing.assert_array_equal(array, arrays[name])


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_arrays_without_a_byte(at, tmp_path):
    file = tmp_path / "state.npz"
    np.savez(file, state=np.arange(100), more=np.zeros(50))
    content = bytearray(file.read_bytes())
    del content[int(at * len(content))]
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"state\.npz: damaged or cut off \("):
        read_kept(file, read_arrays, "Remove it.")


def test_an_error_of_the_system_stays_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_kept(tmp_path / "state.npz", read_arrays, "Remove it.")
