"""Predictors that are pickled, copied and forked: each process has its own.

Results are compared bit for bit: faces as they are, not rounded.
"""

import copy
import os
import pickle
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from export_case import stitched_export

import facemtl
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.detector import FaceDetector
from facemtl.errors import InputError
from facemtl.inference.runtimes.keras import KerasRuntime
from facemtl.process.forks import Packed, PerProcess

ROOT = Path(facemtl.__file__).parent.parent
FACES = synthetic_faces(2, seed=11)
PHOTO = FACES.images.read(FACES.names[0])
BOX = FACES.boxes[:1]
FORMATS = ("model.keras", "saved_model", "model.onnx", "model_int8.tflite")
LINE = "Expected TensorFlow in a process of its own. Received: one forked from"
# What every script begins with: a photo, and a call in another process that
# must end within a minute.
START = """
import dataclasses
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
import facemtl
from facemtl.data.synthetic.faces import synthetic_faces

FACES = synthetic_faces(2, seed=11)
PHOTO, BOX = FACES.images.read(FACES.names[0]), FACES.boxes[:1]

def whole(result):
    if isinstance(result, facemtl.Face):
        return "Face(", dataclasses.asdict(result)
    if isinstance(result, list | tuple):
        return [whole(item) for item in result]
    return result

def said(call, *args):
    # The repr of a face is short: every digit is compared.
    try:
        return repr(whole(call(*args)))
    except facemtl.InputError as error:
        return f"line: {error}"

def put(queue, call, *args):
    queue.put(said(call, *args))

def elsewhere(kind, call, *args):
    context = multiprocessing.get_context(kind)
    queue = context.Queue()
    process = context.Process(target=put, args=(queue, call, *args))
    process.start()
    try:
        return queue.get(timeout=60)
    finally:
        process.kill()
"""


def run(tmp_path, code, *args):
    """A script's standard output, line by line."""
    file = tmp_path / "script.py"
    file.write_text(START + code)
    done = subprocess.run(
        [sys.executable, str(file), *map(str, args)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=170,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def copies(value):
    return (
        pickle.loads(pickle.dumps(value)),
        copy.deepcopy(value),
        copy.copy(value),
    )


def test_predictors_are_pickled_and_copied():
    predictor = facemtl.Predictor("tiny", FaceDetector(score=0.5, turned=True))
    once = facemtl.Predictor("tiny", second_look=False)
    wanted = predictor(PHOTO), once(PHOTO)
    assert wanted[0] != wanted[1]
    for one, other in zip(copies(predictor), copies(once), strict=True):
        assert (one(PHOTO), other(PHOTO)) == wanted
    # Before its first use, too.
    for one in copies(facemtl.Predictor("tiny", second_look=False)):
        assert one(PHOTO) == wanted[1]


def test_detectors_are_pickled_and_copied():
    detector = FaceDetector(score=0.7)
    wanted = detector(PHOTO).boxes
    for one in copies(detector):
        np.testing.assert_array_equal(one(PHOTO).boxes, wanted)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_pickled_and_copied(name, tmp_path, monkeypatch):
    predictor = facemtl.Predictor(stitched_export() / name)
    wanted = predictor(PHOTO, BOX)
    monkeypatch.chdir(tmp_path)
    for one in copies(predictor):
        assert one(PHOTO, BOX) == wanted
    for one in copies(predictor.network):
        assert one.tasks == predictor.network.tasks
        assert one.crop == predictor.network.crop
        assert one.box_convention == predictor.network.box_convention


@pytest.mark.slow
def test_networks_of_keras_are_pickled_within_a_predictor():
    network = facemtl.load_model(stitched_export() / "model.keras")
    for given in (network, KerasRuntime(network)):
        predictor = facemtl.Predictor(given)
        assert predictor.network is given
        wanted = predictor(PHOTO, BOX)
        for one in copies(predictor):
            assert one(PHOTO, BOX) == wanted


def test_the_file_is_not_needed_again(tmp_path):
    file = tmp_path / "mine.tflite"
    file.write_bytes(
        (Path(facemtl.__file__).parent / "presets/tiny.tflite").read_bytes()
    )
    predictor = facemtl.Predictor(file)
    wanted = predictor(PHOTO, BOX)
    sent = pickle.dumps(predictor)
    file.unlink()
    assert pickle.loads(sent)(PHOTO, BOX) == wanted


@pytest.mark.slow
def test_a_saved_model_that_has_gone_is_told(tmp_path):
    folder = tmp_path / "saved_model"
    shutil.copytree(stitched_export() / "saved_model", folder)
    sent = pickle.dumps(facemtl.Predictor(folder))
    shutil.rmtree(folder)
    predictor = pickle.loads(sent)
    with pytest.raises(InputError, match=f"{folder}.*: No such file"):
        predictor(PHOTO, BOX)


def test_what_is_sent_twice_is_made_once():
    made = PerProcess(threading.Lock)
    sent = pickle.dumps(made)
    one, other = pickle.loads(sent), pickle.loads(sent)
    assert one.get() is other.get() is not made.get()


def test_what_cannot_be_unpacked_is_told_where_it_is_used():
    class Broken:
        def __reduce__(self):
            return int, ("x",)

    packed = pickle.loads(pickle.dumps(Packed(Broken())))
    again = pickle.loads(pickle.dumps(packed))
    with pytest.raises(ValueError, match="invalid literal"):
        again.get()


FORKED = """
if __name__ == "__main__":
    model = sys.argv[1]
    predictor = facemtl.Predictor(model)
    def both():
        return predictor(PHOTO), predictor(PHOTO, BOX)
    print(said(both))
    print(elsewhere("fork", both))
    print(said(both))
"""


def test_a_fork_predicts_the_same(tmp_path):
    here, forked, again = run(tmp_path, FORKED, "tiny")
    assert here == forked == again
    assert here.count("Face(") == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_a_fork_predicts_the_same_or_says_why_not(name, tmp_path):
    model = stitched_export() / name
    here, forked, again = run(tmp_path, FORKED, model)
    assert here == again
    assert here.count("Face(") == 2
    if name.endswith((".onnx", ".tflite")):
        assert forked == here
    else:
        assert forked.startswith(f"line: {LINE}")


def test_a_fork_while_others_predict(tmp_path):
    """A lock that another thread held is never opened in the fork."""
    code = """
import threading

if __name__ == "__main__":
    predictor = facemtl.Predictor("tiny")
    wanted = said(predictor, PHOTO)
    over = threading.Event()
    def busy():
        while not over.is_set():
            predictor(PHOTO)
    threads = [threading.Thread(target=busy) for _ in range(4)]
    for thread in threads:
        thread.start()
    same = [elsewhere("fork", predictor, PHOTO) == wanted for _ in range(8)]
    over.set()
    for thread in threads:
        thread.join()
    print(same)
"""
    assert run(tmp_path, code) == [str([True] * 8)]


def test_a_lock_that_is_held_is_not_that_of_a_fork(tmp_path):
    code = """
if __name__ == "__main__":
    predictor = facemtl.Predictor("tiny")
    wanted = said(predictor, PHOTO)
    lock = predictor.detector._yunet.get()._interpreters._lock
    interpreter = predictor.network._interpreter.get()
    with lock, interpreter.one_at_a_time:
        print(elsewhere("fork", predictor, PHOTO) == wanted)
"""
    assert run(tmp_path, code) == ["True"]


POOLS = """
if __name__ == "__main__":
    predictor = facemtl.Predictor(sys.argv[1])
    wanted = said(predictor, PHOTO)
    # A process of another format loads TensorFlow: one is enough.
    many = 2 if sys.argv[1] == "tiny" else 1
    for kind in sys.argv[2:]:
        context = multiprocessing.get_context(kind)
        with ProcessPoolExecutor(many, mp_context=context) as pool:
            jobs = [pool.submit(predictor, PHOTO) for _ in range(4)]
            found = [said(job.result, 100) for job in jobs]
        for said_there in {f == wanted or f for f in found}:
            print(kind, said_there)
        with context.Pool(1) as pool:
            job = pool.apply_async(predictor, (PHOTO,))
            found = said(job.get, 100)
        print(kind, found == wanted or found)
"""


@pytest.mark.slow
def test_pools_of_processes_predict_the_same(tmp_path):
    assert run(tmp_path, POOLS, "tiny", "fork", "spawn", "forkserver") == [
        f"{kind} True"
        for kind in ("fork", "spawn", "forkserver")
        for _ in range(2)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["model.keras", "model_float32.tflite"])
def test_pools_predict_with_every_format_or_say_why_not(name, tmp_path):
    lines = run(tmp_path, POOLS, stitched_export() / name, "spawn", "fork")
    assert lines[:2] == ["spawn True"] * 2
    for line in lines[2:]:
        if name.endswith((".onnx", ".tflite")):
            assert line == "fork True"
        else:
            assert line.startswith(f"fork line: {LINE}")


@pytest.mark.slow
def test_a_fork_after_tensorflow_worked_says_so_everywhere(tmp_path):
    code = """
import numpy as np

def own_network(model):
    return len(facemtl.Predictor(model)(PHOTO, BOX))

def trained():
    settings = ["data.source=synthetic", "data.faces=20"]
    facemtl.train(facemtl.load_config(settings=settings), "run", verbose=0)

def evaluated(network):
    return facemtl.evaluate_faces(network, FACES, verbose=0)["n"]

if __name__ == "__main__":
    model, begin = sys.argv[1:]
    network = None
    if begin == "keras":
        import keras
        keras.ops.zeros(1)
    else:
        network = facemtl.load_model(model)
    calls = [(own_network, model), (trained,), (evaluated, model)]
    if network is not None:
        crops = np.zeros((1, *network.crop.shape), "uint8")
        network.compile(loss="mse")
        labels = network.predict(crops, verbose=0)
        calls += [
            (network.predict, crops),
            (network, crops),
            (network.fit, crops, labels),
            (network.evaluate, crops, labels),
            (evaluated, network),
        ]
    calls += [(own_network, "tiny"), (evaluated, "tiny")]
    for call in calls:
        print(elsewhere("fork", *call))
"""
    model = stitched_export() / "model.keras"
    for begin, refused in (("keras", 3), ("network", 8)):
        lines = run(tmp_path, code, model, begin)
        assert len(lines) == refused + 2
        for line in lines[:refused]:
            assert line.startswith(f"line: {LINE}")
            assert "get_context('spawn')" in line
        # What needs no TensorFlow works.
        assert lines[refused:] == ["1", "2"]
    assert not (tmp_path / "run/report.json").exists()


@pytest.mark.slow
def test_a_fork_before_tensorflow_works_may_use_it(tmp_path):
    code = """
def own_network(model):
    return facemtl.Predictor(model)(PHOTO, BOX)

if __name__ == "__main__":
    model = sys.argv[1]
    import tensorflow
    facemtl.FaceNetwork
    forked = elsewhere("fork", own_network, model)
    print(forked == said(own_network, model), forked.count("Face("))
"""
    model = stitched_export() / "model.keras"
    assert run(tmp_path, code, model) == ["True 1"]


def test_tensorflow_still_has_the_name_that_forks_look_at():
    import keras
    from tensorflow.python.eager import context

    keras.ops.zeros(1)
    assert context.context_safe()._initialized is True
