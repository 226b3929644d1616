"""The batch app's runs: shards, folders, photos that kill, full disks."""

import os
from pathlib import Path

import pytest

from facemtl.errors import InputError
from facemtl.export.apps.batch import batch, run_folder
from facemtl.export.apps.batch.journal import Journal, deadly
from facemtl.export.apps.batch.listing import list_input
from facemtl.export.apps.batch.shards import Source, check_sources, split
from facemtl.export.apps.batch.summary import Outcome, Summary
from facemtl.words import valid_text

SOURCE = Source("a/b.parquet", "/x/a/b.parquet", "/x/a", "3f", (5, 0, 2))


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
    assert [valid_text(x) for x in listing.photos] == [
        *("a.JPG", "b/2.jpg", "b/gone.jpg", "b/list.csv", r"caf\xe9.jpg")
    ]


@pytest.mark.parametrize(
    "more, words",
    [
        ([], "an empty folder"),
        (["--workers", "0"], "Expected --workers above 0"),
        (["--model", "gone"], "gone"),
        (["--out", "photos/out"], "outside the input"),
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
            pytest.raises(InputError, match="one process at a time"),
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


def test_rows_of_an_earlier_version_are_not_mixed_with_wider_ones(tmp_path):
    now = {"model": "base", "columns": 2}
    run_folder.check_settings(tmp_path, {}, now)
    run_folder.check_settings(tmp_path, now, now)
    with pytest.raises(InputError, match=r"Expected columns 1.*another --out"):
        run_folder.check_settings(tmp_path, {"model": "base"}, now)


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
