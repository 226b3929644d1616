"""The server's parts that need no server, and its committed result.

The whole needs an environment of its own: `export/apps/server/check.sh`.
"""

import base64
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import facemtl
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.export.apps.server.cases import (
    HEAD,
    bad_cases,
    body,
    fault,
    good_cases,
    in_turn,
)
from facemtl.export.apps.server.messages import read_request, tensors_of
from facemtl.export.apps.server.pixels import pixels_of
from facemtl.export.apps.server.result import markdown
from facemtl.inference.face import Face
from facemtl.tasks import MTFL_TASKS, Task

FOLDER = Path(__file__).parent.parent / "export/apps/server"
RESULT = json.loads((FOLDER / "result.json").read_text("utf-8"))


def tensors(data: bytes):
    """The inputs of a JSON request, as the server's library gives them."""
    return {
        x["name"]: SimpleNamespace(
            data=x["data"],
            shape=x["shape"],
            parameters=SimpleNamespace(**x.get("parameters", {})),
        )
        for x in json.loads(data)["inputs"]
    }


def test_a_request_is_read_as_it_was_written():
    photo, boxes = read_request(tensors(body(b"bytes", [[1, 2, 3, 4]])))
    assert photo == b"bytes"
    np.testing.assert_array_equal(boxes, [[1, 2, 3, 4]])
    assert read_request(tensors(body(b"bytes"))) == (b"bytes", None)
    _, none = read_request(tensors(body(b"bytes", [])))
    assert none.shape == (0, 4)


def test_bytes_of_grpc_are_taken_as_they_are():
    plain = SimpleNamespace(data=[b"\xff\xd8"], shape=[1], parameters=None)
    assert read_request({"photo": plain}) == (b"\xff\xd8", None)
    text = base64.b64encode(b"\xff\xd8")
    said = SimpleNamespace(content_type="base64")
    coded = SimpleNamespace(data=[text], shape=[1], parameters=said)
    assert read_request({"photo": coded}) == (b"\xff\xd8", None)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"photo": None}, "Expected the inputs"),
        ({"other": ([1], [1])}, r"Received: \['other', 'photo'\]"),
        ({"photo": (["a", "b"], [2])}, "Received: 2 of str"),
        ({"photo": ([], [0])}, "Received: 0 of nothing"),
        ({"photo": ([7], [1])}, "Received: 1 of int"),
        ({"photo": (["***"], [1])}, "in base64"),
        ({"boxes": ([1, 2, 3], [1, 4])}, r"shape \[1, 4\], 3 values"),
        ({"boxes": (["a"] * 4, [1, 4])}, "FP32"),
        ({"boxes": ([1, 2, 3], [1, 3])}, r"shape \[1, 3\]"),
    ],
)
def test_a_wrong_request_is_told_in_a_line(change, words):
    inputs = tensors(body(b"bytes"))
    for name, given in change.items():
        if given is None:
            del inputs[name]
            continue
        data, shape = given
        inputs[name] = SimpleNamespace(data=data, shape=shape, parameters=None)
    with pytest.raises(InputError, match=words) as caught:
        read_request(inputs)
    assert "\n" not in str(caught.value)


def test_answers_are_the_faces():
    faces = synthetic_faces(1, seed=5)
    photo = faces.images.read(faces.names[0])
    boxes = [faces.boxes[0], faces.boxes[0] + 3]
    found = facemtl.Predictor.load("tiny")(photo, boxes)
    answers = tensors_of(found, MTFL_TASKS, {"landmarks"})
    assert {k: x.shape for k, (_, x) in answers.items()} == {
        "boxes": (2, 4),
        "score": (2, 1),
        "confidence": (2, 1),
        "head_pose": (2, 3),
        "landmarks": (2, 5, 2),
        "landmarks_sigma": (2, 5),
        "smile": (2, 2),
        "gender": (2, 2),
        "glasses": (2, 2),
        "pose": (2, 5),
    }
    np.testing.assert_allclose(answers["boxes"][1], boxes)
    assert np.isnan(answers["score"][1]).all()
    names, points = answers["landmarks"]
    for face, row in zip(found, points, strict=True):
        np.testing.assert_allclose(row, [face.points[k] for k in names])
    names, shares = answers["pose"]
    best = [names[i] for i in shares.argmax(axis=1)]
    assert best == [face.attributes["pose"].name for face in found]
    names, deviations = answers["landmarks_sigma"]
    names_of_angles, angles = answers["head_pose"]
    assert names_of_angles == ("yaw", "pitch", "roll")
    sure = answers["confidence"][1]
    for i, face in enumerate(found):
        expected = [face.points_sigma[k] for k in names]
        np.testing.assert_allclose(deviations[i], expected, rtol=1e-6)
        pose = [getattr(face.pose, name) for name in names_of_angles]
        np.testing.assert_allclose(angles[i], pose, rtol=1e-5)
        assert sure[i] == pytest.approx(face.confidence)
    none = tensors_of([], MTFL_TASKS, {"landmarks"})
    assert none["landmarks"][1].shape == (0, 5, 2)
    assert none["landmarks_sigma"][1].shape == (0, 5)
    assert none["head_pose"][1].shape == (0, 3)


def test_what_a_network_does_not_tell_is_nan_and_tasks_keep_their_names():
    task = Task("score", "value")
    face = Face((0.0, 0.0, 9.0, 9.0), values={"score": 3.0}, score=0.5)
    answers = tensors_of([face], (task,))
    assert set(answers) == {
        *("boxes", "detector score", "confidence", "head_pose", "score")
    }
    assert answers["score"][1].tolist() == [[3.0]]
    assert answers["detector score"][1].tolist() == [[0.5]]
    assert np.isnan(answers["confidence"][1]).tolist() == [[True]]
    assert np.isnan(answers["head_pose"][1]).tolist() == [[True] * 3]


def test_each_wrong_photo_is_refused_without_a_server():
    """The cases that are about a photo fail in the predictor itself."""
    predictor = facemtl.Predictor.load("tiny")
    good = good_cases(synthetic_faces(1, seed=5), predictor)
    refused = 0
    for case in bad_cases(good[0].photo()):
        if case.status != 400 or case.kind in ("a huge image", "no photo"):
            continue
        with pytest.raises(InputError, match=case.says):
            predictor(*read_request(tensors(case.body)))
        if case.kind == "no image":  # The server looks at its header first.
            with pytest.raises(InputError, match=case.says):
                pixels_of(read_request(tensors(case.body))[0], 100)
        refused += 1
    assert refused == 5


def test_every_output_of_an_answer_is_compared():
    predictor = facemtl.Predictor.load("tiny")
    given = good_cases(synthetic_faces(1, seed=5), predictor)[0]
    assert set(given.expected) == {
        *("boxes", "score", "confidence", "head_pose", "landmarks_sigma"),
        *(task.name for task in MTFL_TASKS),
    }
    assert np.isfinite(given.expected["confidence"]).all()
    assert np.isfinite(given.expected["landmarks_sigma"]).all()
    arrays = dict(given.expected)

    def said(status=200):
        outputs = [
            {
                "name": k,
                "shape": y.shape,
                "data": [None if x != x else x for x in y.ravel().tolist()],
            }
            for k, y in arrays.items()
        ]
        return fault(given, status, json.dumps({"outputs": outputs}))

    assert said() == ""
    assert "status 500, not 200" in said(500)
    for name, array in given.expected.items():
        # Unknown ones, as the score of a given box, may not be known either.
        arrays[name] = np.nan_to_num(array) + (1 if name == HEAD else 0.05)
        assert said() == f"box given: {name} of another face"
        arrays[name] = array[:0]
        assert f"{name} (0," in said()
        arrays[name] = array


def test_the_order_of_cases():
    good = good_cases(synthetic_faces(2, seed=5), lambda photo, boxes: [])
    bad = bad_cases(good[0].photo())
    cases = in_turn(good, bad, 300, 10)
    wrong = [case for case in cases if not case.expected]
    assert len(wrong) == 30
    assert {case.kind for case in wrong} == {case.kind for case in bad}
    assert {case.kind for case in cases} > {"box given", "searched"}


def test_the_committed_result_holds():
    load = RESULT["load"]
    assert load["requests"] == load["kinds"]["Aggregated"]["requests"] == 10_000
    assert load["wrong_answers"] == 0
    kinds = {case.kind for case in bad_cases(b"\xff")}
    assert set(load["kinds"]) == {"Aggregated", "box given", "searched", *kinds}
    memory = RESULT["memory"]
    assert memory["last_tenth_mb"] < 1.05 * memory["first_tenth_mb"]
    killed = RESULT["worker_killed"]
    assert 0 < killed["lost"] <= load["users"] and killed["wrong_after"] == 0
    assert killed["workers_after"] == 2
    text = (FOLDER / "result.md").read_text("utf-8")
    assert markdown(RESULT) == text


def test_settings_name_what_is_there():
    settings = json.loads(
        (FOLDER / "models/faces/model-settings.json").read_text("utf-8")
    )
    module, _, name = settings["implementation"].rpartition(".")
    file = Path(__file__).parent.parent / f"{module.replace('.', '/')}.py"
    assert f"class {name}(MLModel)" in file.read_text("utf-8")
    assert settings["parameters"]["uri"] == "base"
    # MLServer's own batching merges requests unread.
    assert "max_batch_size" not in settings
