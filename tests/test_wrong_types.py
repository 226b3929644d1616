"""What is plainly wrong is told in a line, by every public function."""

from pathlib import Path

import keras
import numpy as np
import pytest

import facemtl
from facemtl.detection.detector import FaceDetector
from facemtl.errors import InputError

WRONG = (None, 5, 2.5, b"x", ["a"], {}, object(), "", "a\0b")
FACES = facemtl.synthetic_faces(2)
TINY = facemtl.load_network("tiny")
CONFIG = facemtl.load_config(settings=["data.source=synthetic"])
CSV = "no faces.csv"


def path_of(name, *more):
    return lambda x: getattr(facemtl, name)(x, *more)


CALLS = {
    "load_network": path_of("load_network"),
    "load_model": path_of("load_model"),
    "load_tasks": path_of("load_tasks"),
    "read_csv": path_of("read_csv"),
    "read_mtfl": path_of("read_mtfl", "train"),
    "Predictor": path_of("Predictor"),
    "Predictor.load": facemtl.Predictor.load,
    "evaluate_faces": path_of("evaluate_faces", FACES),
    "train, config": lambda x: facemtl.train(x, "run"),
    "train, folder": lambda x: facemtl.train(CONFIG, x),
}
OTHERS = {
    "load_config, file": (
        lambda x: facemtl.load_config(file=x),
        [5, b"x", ["a"], "a\0b"],
    ),
    "load_config, preset": (
        lambda x: facemtl.load_config(x),
        [5, b"x", ["a"]],
    ),
    "load_config, settings": (
        lambda x: facemtl.load_config(settings=x),
        [None, 5, "train.epochs=1", {"train.epochs": 1}, [5]],
    ),
    "read_csv, tasks": (
        lambda x: facemtl.read_csv(CSV, tasks=x),
        [5, "smile", ["smile"], {}],
    ),
    "read_csv, tasks_file": (
        lambda x: facemtl.read_csv(CSV, tasks_file=x),
        [5, b"x", ["a"]],
    ),
    "read_csv, boxes": (
        lambda x: facemtl.read_csv(CSV, boxes=x),
        [None, 5, "listed"],
    ),
    "read_csv, bad": (
        lambda x: facemtl.read_csv(CSV, bad=x),
        [True, 5, "skip"],
    ),
    "read_csv, split": (
        lambda x: facemtl.read_csv(CSV, split=x),
        [5, [], "validation"],
    ),
    "read_mtfl, split": (
        lambda x: facemtl.read_mtfl(".", x),
        [None, [], {}, "val"],
    ),
    "read_mtfl, bad": (
        lambda x: facemtl.read_mtfl(".", "train", bad=x),
        [True, "skip"],
    ),
    "evaluate_faces, faces": (
        lambda x: facemtl.evaluate_faces(TINY, x),
        [None, "faces.csv", [FACES], FACES.names],
    ),
    "evaluate_faces, bad": (
        lambda x: facemtl.evaluate_faces(TINY, FACES, x),
        [True, "skip"],
    ),
    "train, flags": (
        lambda x: facemtl.train(CONFIG, "run", **{x: "yes"}),
        ["resume", "skip_bad", "test"],
    ),
    "BadRows": (facemtl.BadRows, [None, 1, "yes"]),
    "Task, names": (
        lambda x: facemtl.Task("smile", "classes", x),
        [None, 5, "yn", {"yes": 0, "no": 1}, [0, 1]],
    ),
    "Task, mirror": (
        lambda x: facemtl.Task("smile", "classes", ("yes", "no"), x),
        [None, 5, "10", {0: 1}],
    ),
    "predict": (TINY.predict, [None, 5, "x", [[1], [1, 2]]]),
    "predict, batch_size": (
        lambda x: TINY.predict(np.zeros((1, *TINY.crop.shape), "u1"), x),
        [None, 0, -1, 2.5, "x"],
    ),
    "Predictor, detector": (
        lambda x: facemtl.Predictor(TINY, x),
        [5, "yunet", FaceDetector],
    ),
    "FaceDetector, convention": (
        lambda x: FaceDetector(convention=x),
        [5, "mtfl", {}],
    ),
    "Predictor, second_look": (
        lambda x: facemtl.Predictor(TINY, None, x),
        [None, 1, "no"],
    ),
    "Predictor, bgr": (
        lambda x: facemtl.Predictor(TINY)(np.zeros((9, 9), "u1"), bgr=x),
        [None, 1, "bgr"],
    ),
}


def check(call, value):
    with pytest.raises(InputError) as error:
        call(value)
    assert "xpected" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", CALLS)
def test_wrong_paths_and_networks(name):
    for value in WRONG:
        check(CALLS[name], value)


@pytest.mark.parametrize("name", OTHERS)
def test_wrong_arguments(name):
    call, values = OTHERS[name]
    for value in values:
        check(call, value)


def test_what_looks_like_a_network_and_is_none():
    foreign = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    predictor = facemtl.Predictor("tiny")
    for value in (foreign, predictor, facemtl.FaceNetwork, FaceDetector()):
        check(facemtl.Predictor, value)
        check(lambda x: facemtl.evaluate_faces(x, FACES), value)


def test_a_configuration_with_a_wrong_setting():
    config = facemtl.load_config()
    del config["train"]["epochs"]
    with pytest.raises(InputError, match=r"one without train\.epochs"):
        facemtl.train(config, "run")
    for value in ("5", -1):
        config["train"]["epochs"] = value
        with pytest.raises(InputError, match="epochs"):
            facemtl.train(config, "run")


def test_a_detector_must_give_what_was_found():
    predictor = facemtl.Predictor("tiny", lambda photo: [[1, 2, 3, 4]])
    with pytest.raises(InputError, match=r"detector that gives .* list"):
        predictor(np.zeros((9, 9), "u1"))


def test_names_and_networks_are_loaded_where_a_network_is_asked_for():
    by_name = facemtl.evaluate_faces("tiny", FACES, verbose=0)
    assert by_name == facemtl.evaluate_faces(TINY, FACES, verbose=0)
    assert facemtl.Predictor(Path("tiny")).network.crop == TINY.crop


def test_lists_of_names_become_tuples():
    task = facemtl.Task("smile", "classes", ["yes", "no"])
    assert task == facemtl.Task("smile", "classes", ("yes", "no"))
    assert hash(task)


def test_a_list_of_crops_is_as_good_as_an_array():
    crop = np.full(TINY.crop.shape, 9, "u1")
    one, other = TINY.predict([crop, crop]), TINY.predict(np.stack([crop] * 2))
    np.testing.assert_array_equal(one["landmarks"], other["landmarks"])
