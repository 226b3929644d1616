"""The batch app without Ray: photos, shards, one-line errors, the result.

Ray's part, kills and a full disk need an environment of their own:
`export/apps/batch/check.sh`.
"""

import copy
import doctest
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemtl import Predictor, synthetic_faces
from facemtl.errors import InputError
from facemtl.export.apps.batch import batch
from facemtl.export.apps.batch.check.comparison import (
    RUNS,
    WRONG,
    compare,
    faults,
    markdown,
    single,
)
from facemtl.export.apps.batch.check.photos import BOMB, bomb
from facemtl.export.apps.batch.photo import (
    Asked,
    answer,
    check_size,
    face_row,
)
from facemtl.inference.face import Face

FOLDER = Path(__file__).parent.parent / "export/apps/batch"
RESULT = json.loads((FOLDER / "result.json").read_text("utf-8"))
PURE = (
    *("batch", "journal", "listing", "photo", "run_folder", "shards"),
    *("summary", "check.comparison"),
)


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load("tiny")


@pytest.fixture(scope="module")
def photo():
    """A drawn photo's bytes, and its box."""
    faces = synthetic_faces(1, seed=5)
    pixels = faces.images.read(faces.names[0])
    data = cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()
    return data, faces.boxes[0].tolist()


def test_the_committed_result_is_faultless():
    assert faults(RESULT) == []
    table = (FOLDER / "result.md").read_text("utf-8")
    assert table == markdown(RESULT)
    assert RESULT["versions"]["ray"].startswith("2.")
    assert RESULT["compared"]["killed"] == RESULT["compared"]["undisturbed"]
    assert len(RESULT["cases"]) >= 15
    assert "/" not in RESULT["machine"]


def _lost(result):
    result["compared"]["killed"]["lost"] = 1


def _not_midway(result):
    result["kills"]["shards when the driver was killed"] = 0


def _written_again(result):
    result["kills"]["finished shards written again"] = 2


def _case(result):
    result["cases"][0]["good"] = False


def _nothing(result):
    result["compared"]["undisturbed"]["rows"] = 0


@pytest.mark.parametrize(
    "spoil", [_lost, _not_midway, _written_again, _case, _nothing]
)
def test_what_is_wrong_with_a_result_is_told(spoil):
    result = copy.deepcopy(RESULT)
    spoil(result)
    assert len(faults(result)) == 1


@pytest.mark.parametrize("name", PURE)
def test_examples_of_the_modules_that_need_no_ray(name):
    module = import_module(f"facemtl.export.apps.batch.{name}")
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(module, optionflags=options).failed == 0


def test_importing_them_loads_neither_ray_nor_pyarrow_nor_tensorflow():
    names = ", ".join(f"facemtl.export.apps.batch.{x}" for x in PURE)
    code = (
        f"import sys, {names}\n"
        "print([x for x in ('ray', 'pyarrow', 'tensorflow') "
        "if x in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"


def test_a_presets_name_is_not_a_folder_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("base", "photos"):
        (tmp_path / name).mkdir()
    (tmp_path / "photos/a.jpg").touch()
    loaded = []
    monkeypatch.setattr(batch, "check_model", loaded.append)
    monkeypatch.setattr(batch, "check_packages", _stop)
    for words in ([], ["--model", "./base"]):
        with pytest.raises(InputError, match="far enough"):
            batch.main(["photos", "--out", "out", *words])
    assert loaded == ["base", str(tmp_path / "base")]


def _stop():
    raise InputError("far enough")


def test_a_row_is_what_the_predictor_says(predictor, photo, tmp_path):
    data, box = photo
    (tmp_path / "a.png").write_bytes(data)
    for boxes in (None, [box], []):
        wanted = predictor(data, boxes)
        row = answer(Asked(None, "a.png", boxes), predictor, tmp_path, 100)
        assert row["error"] is None
        assert (row["width"], row["height"]) == (160, 160)
        assert [x["box"] for x in row["faces"]] == [list(x.box) for x in wanted]
        for found, face in zip(row["faces"], wanted, strict=True):
            nose = found["points"]["nose"]
            assert (nose["x"], nose["y"]) == face.points["nose"]
            smile = face.attributes["smile"]
            assert found["attributes"]["smile"] == {
                "class": smile.name,
                "probability": smile.probability,
                "probabilities": smile.probabilities,
            }
            # As `facemtl predict` writes them, but not rounded.
            told = face.to_dict()
            for name in ("score", "confidence"):
                assert found[name] == pytest.approx(told[name], abs=1e-4)
            for name in ("points_sigma", "head_pose"):
                assert found[name] == pytest.approx(told[name], abs=0.01)
                assert len(found[name]) in (3, 5)


def test_what_a_face_lacks_is_none_in_its_row():
    row = face_row(Face((0.0, 0.0, 9.0, 9.0), {"nose": (1.0, 2.0)}))
    assert row["points_sigma"] == {"nose": None}
    assert [row[x] for x in ("score", "confidence", "head_pose")] == [None] * 3


@pytest.mark.parametrize(
    "asked, words",
    [
        (Asked(b""), "0 bytes that are none"),
        (Asked(b"no photo"), "8 bytes that are none"),
        (Asked(b"\0\0\0\x18ftypheic" + bytes(99)), "HEIC, which OpenCV"),
        (Asked(bomb(20_000, 6_000)), "20,000 x 6,000 pixels"),
        (Asked(None, "gone.jpg"), "No such file"),
        (Asked(None, "a\0b.jpg"), "null"),
        (Asked(None, "pipe"), "no regular file"),
        (Asked(None, "."), "no regular file"),
        (Asked(), "neither"),
    ],
)
def test_a_bad_photo_is_a_row_with_the_reason(
    asked, words, predictor, tmp_path
):
    os.mkfifo(tmp_path / "pipe")
    row = answer(asked, predictor, tmp_path, 100)
    assert words in row["error"]
    assert "\n" not in row["error"]
    assert row["faces"] == []


def test_a_truncated_photo_and_a_file_that_is_too_large(
    predictor, photo, tmp_path
):
    half = photo[0][: len(photo[0]) // 2]
    assert "truncated" in answer(Asked(half), predictor, tmp_path, 1)["error"]
    (tmp_path / "large").write_bytes(bytes(81))
    row = answer(Asked(None, "large"), predictor, tmp_path, 1e-5)
    assert "at most 80 bytes. Received: 81" in row["error"]


def test_a_pixel_bomb_is_refused_by_its_header_alone():
    data = bomb(*BOMB)
    assert len(data) < 1_000_000
    with pytest.raises(InputError, match=r"40,000 x 30,000"):
        check_size(data[:60], 100)
    check_size(data[:60], 1200)


@pytest.mark.parametrize(
    "box, words",
    [
        ([160, 0, 170, 10], "a tenth"),
        ([0, -20, 10, -1], "a tenth"),
        ([10, 10, 10, 20], "left < right"),
        ([0, 0, np.nan, 10], "left < right"),
        ([0, 0, None, 10], "left < right"),
        ([0, 0, 10], "[left, top, right, bottom]"),
        ("abcd", "[left, top, right, bottom]"),
    ],
)
def test_a_bad_box_is_a_row_with_the_reason(box, words, predictor, photo):
    asked = Asked(photo[0], None, [photo[1], box])
    row = answer(asked, predictor, Path(), 100)
    assert words in row["error"]
    assert row["faces"] == []
    assert (row["width"], row["height"]) == (160, 160)


def test_the_comparison_sees_what_is_wrong(predictor, photo):
    data, box = photo
    (face,) = predictor(data, [box])
    (row,) = [answer(Asked(data, None, [box]), predictor, Path(), 100)]
    # As the Parquet has it, without structs that have no field.
    del row["faces"][0]["values"]
    row = single(row)
    (found,) = row["faces"]
    bad = {"faces": [], "error": "is truncated"}
    wanted = {"a": [face], "b": "truncated"}
    good = compare([row, bad], ["a", "b"], wanted)
    assert good == {"rows": 2, "faces": 1, "errors": 1} | dict.fromkeys(
        WRONG, 0
    )
    assert compare([row], ["a"], wanted)["lost"] == 1
    assert compare([row, row, bad], ["a", "a", "b"], wanted)["twice"] == 1
    assert compare([row, bad], ["a", "b"], {"a": [face]})["strange"] == 1
    assert compare([bad, bad], ["a", "b"], wanted)["other answers"] == 1
    assert compare([row, row], ["a", "b"], wanted)["other errors"] == 1
    parts = (found, found["points"]["nose"], found["points_sigma"])
    parts += (found["head_pose"], found["attributes"]["smile"])
    changes = zip(
        (*parts, found["attributes"]["pose"]["probabilities"]),
        ("confidence", "x", "nose", "yaw", "probability", "frontal"),
        strict=True,
    )
    for part, name in changes:
        part[name], right = part[name] + 1e-3, part[name]
        assert compare([row, bad], ["a", "b"], wanted)["other answers"] == 1
        part[name] = right
    assert compare([row, bad], ["a", "b"], wanted) == good


def test_the_readme_names_the_runs_and_files():
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert all(run in readme for run in RUNS)
    for argument in ("--model", "--shard", "--megapixels", "--ray"):
        assert argument in readme
        assert argument in batch.parser().format_help()
