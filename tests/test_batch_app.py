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
from facemtl.export.apps.batch import batch, run_folder
from facemtl.export.apps.batch.check.comparison import WRONG, compare
from facemtl.export.apps.batch.check.photos import BOMB, bomb
from facemtl.export.apps.batch.check.report import RUNS, faults, markdown
from facemtl.export.apps.batch.journal import Journal, deadly
from facemtl.export.apps.batch.listing import list_input
from facemtl.export.apps.batch.outcome import Outcome
from facemtl.export.apps.batch.photo import Asked, answer
from facemtl.export.apps.batch.reading import check_size, printable
from facemtl.export.apps.batch.shards import Source, check_sources, split
from facemtl.export.apps.batch.summary import Summary

FOLDER = Path(__file__).parent.parent / "export/apps/batch"
RESULT = json.loads((FOLDER / "result.json").read_text("utf-8"))
PURE = (
    *("batch", "journal", "listing", "outcome", "photo", "reading"),
    *("run_folder", "shards", "summary", "check.comparison", "check.report"),
)
SOURCE = Source("a/b.parquet", "/x/a/b.parquet", "/x/a", "3f", (5, 0, 2))


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


def test_the_committed_result_is_faultless_and_the_readme_has_it():
    assert faults(RESULT) == []
    table = (FOLDER / "result.md").read_text("utf-8")
    assert table == markdown(RESULT)
    assert table.strip() in (FOLDER / "README.md").read_text("utf-8")
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
            }


@pytest.mark.parametrize(
    "asked, words",
    [
        (Asked(b""), "0 bytes that are none"),
        (Asked(b"no photo"), "8 bytes that are none"),
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
        ([160, 0, 170, 10], "beside it"),
        ([0, -20, 10, -1], "beside it"),
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


def test_shards_hold_each_photo_once_and_have_names_of_their_own():
    shards = list(split(SOURCE, 2))
    rows = [x.first + i for x in shards for i in range(x.photos)]
    assert rows == list(range(7))
    assert [(x.group, x.skip) for x in shards] == [
        (0, 0),
        (0, 2),
        (0, 4),
        (2, 0),
    ]
    names = [x.name for x in shards]
    assert len(set(names)) == 4
    assert names == [x.name for x in split(SOURCE, 2)]
    moved = SOURCE._replace(path="/y/b.parquet", root="/y")
    assert names == [x.name for x in split(moved, 2)]
    changed = SOURCE._replace(digest="40")
    assert not set(names) & {x.name for x in split(changed, 2)}
    assert not names[0].startswith((".", "_"))


def test_a_source_that_changed_or_went_is_told():
    check_sources([SOURCE], {"a/b.parquet": "3f"}, Path("out"))
    check_sources([SOURCE], {}, Path("out"))
    with pytest.raises(InputError, match="another content"):
        check_sources([SOURCE], {"a/b.parquet": "40"}, Path("out"))
    with pytest.raises(InputError, match="it is gone"):
        check_sources([], {"a/b.parquet": "3f"}, Path("out"))


def test_each_file_of_a_folder_is_listed_but_hidden_ones(tmp_path):
    for name in ("b/2.jpg", "a.JPG", ".hidden", ".git/x.jpg", "b/list.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "b/gone.jpg").symlink_to("nowhere")
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).touch()
    listing = list_input(tmp_path, tmp_path.parent / "out")
    assert listing.parquet == []
    assert [printable(x) for x in listing.photos] == [
        *("a.JPG", "b/2.jpg", "b/gone.jpg", "b/list.csv", r"caf\xe9.jpg")
    ]


@pytest.mark.parametrize(
    "more, words",
    [
        ([], "an empty folder"),
        (["--workers", "0"], "Expected --workers above 0"),
        (["--model", "gone"], "gone"),
        (["--out", "photos/out"], "beside the input"),
    ],
)
def test_what_cannot_be_done_is_told_before_ray_starts(
    more, words, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    with pytest.raises(InputError, match=words):
        batch.main(["photos", "--out", "out", *more])
    assert not (tmp_path / "out").exists()


def test_a_run_keeps_others_out_and_cleans_up(tmp_path):
    out = tmp_path / "out"
    with run_folder.opened(out):
        pass
    (out / "faces/.part-7-a.parquet").write_bytes(b"half")
    with run_folder.opened(out):
        assert list((out / "faces").iterdir()) == []
        (out / "faces/.part-7-a.parquet").write_bytes(b"half")
        with (
            pytest.raises(InputError, match="one start at a time"),
            run_folder.opened(out),
        ):
            pass
        assert len(list((out / "faces").iterdir())) == 1
    assert list((out / "faces").iterdir()) == []
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match="Received: Not a directory"),
        run_folder.opened(tmp_path / "file/out"),
    ):
        pass


def test_another_setting_is_told(tmp_path):
    known = {"model": "base", "shard": 500}
    run_folder.check_settings(tmp_path, known, known)
    with pytest.raises(InputError, match=r"Expected shard 500.*Received: 7"):
        run_folder.check_settings(tmp_path, known, {**known, "shard": 7})


def test_a_photo_that_kills_two_workers_is_found(tmp_path):
    file = tmp_path / "a.parquet"
    for _ in range(2):  # a killed worker leaves its journal as it is
        journal = Journal(file).__enter__()
        assert journal.deadly == set()
        for i in range(4):
            journal.at(i)
        journal._out.close()
    with Journal(file) as journal:
        assert journal.deadly == {3}
    assert list(tmp_path.iterdir()) == []
    assert deadly("-\n0\n1\n-\n-\n0\n1\n2\n") == set()


def test_a_full_disk_ends_it_and_a_failed_shard_does_not(tmp_path, capsys):
    summary = Summary(3, 30)
    bad = Outcome("b", failure="ValueError: no")
    assert batch.count([Outcome("a", 10), bad], summary, tmp_path) == 1
    assert "error: b: ValueError: no" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"No space left.*1 of 3 shards"):
        batch.count([Outcome("c", full="No space left")], summary, tmp_path)
    assert summary.to_dict()["photos"] == 10


def test_the_comparison_sees_what_is_wrong(predictor, photo):
    data, box = photo
    (face,) = predictor(data, [box])
    (row,) = [answer(Asked(data, None, [box]), predictor, Path(), 100)]
    (found,) = row["faces"]
    # As float32, which the Parquet has.
    found["box"] = [float(np.float32(x)) for x in found["box"]]
    for point in found["points"].values():
        point |= {k: float(np.float32(x)) for k, x in point.items()}
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
    found["points"]["nose"]["x"] += 1e-3
    assert compare([row, bad], ["a", "b"], wanted)["other answers"] == 1


def test_the_readme_names_the_runs_and_files():
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert all(run in readme for run in RUNS)
    for argument in ("--model", "--shard", "--megapixels", "--ray"):
        assert argument in readme
        assert argument in batch.parser().format_help()
