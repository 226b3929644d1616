"""The cache of crops on disk: mapped, bounded, never half a file."""

import errno
import mmap
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from facemtl.config import load_settings
from facemtl.data.faces import BadRows, Faces
from facemtl.files.cache_place import cache_folder
from facemtl.pipeline import crop_file
from facemtl.pipeline.crop_cache import crop_faces
from facemtl.pipeline.crop_file import taken_rows
from facemtl.training.preparation import crop_test
from tests.test_crop_cache import PLAN, changed, some_faces, with_bad


def test_crops_are_mapped_from_their_file(tmp_path):
    faces = some_faces()
    for _ in ("cut", "kept"):
        crops = crop_faces(faces, PLAN, cache=tmp_path, verbose=0)
        assert isinstance(crops.images.base, mmap.mmap)
        assert not crops.images.flags.writeable
    index = np.array([3, 0, 3])
    rows = taken_rows(crops.images, index)
    np.testing.assert_array_equal(rows, crops.images[index])


def test_an_interrupted_file_is_never_taken(tmp_path, monkeypatch):
    faces = some_faces()

    def interrupted(name):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(faces.images, "read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            crop_faces(faces, PLAN, cache=tmp_path, verbose=0)
    assert list(tmp_path.iterdir()) == []
    crop_faces(faces, PLAN, cache=tmp_path, verbose=0)
    assert faces.images.reads.total() == 5


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def in_memory(cache, said, **options):
    """Assert that crops are cut into memory, with one line."""
    faces = with_bad("1.jpg")
    bad = BadRows(skip=True)
    with pytest.warns(UserWarning, match=said) as lines:
        found = crop_faces(faces, PLAN, bad, cache, verbose=0, **options)
    assert len(lines) == 1 and "\n" not in str(lines[0].message)
    assert faces.images.reads.total() == 5
    assert bad.counts == {"missing image": 1}
    assert found.images.base is None and len(found.images) == 4


def test_a_full_disk_leaves_crops_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(crop_file, "reserve", full_disk)
    in_memory(tmp_path / "new", "kept there .No space left on device")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_that_cannot_be_written_leaves_crops_in_memory(tmp_path):
    (tmp_path / "file").write_text("")
    in_memory(tmp_path / "file/cache", "file/cache: crops are not kept there")


def test_crops_larger_than_the_cache_stay_in_memory(tmp_path):
    in_memory(
        tmp_path, "are more than data.cache_gigabytes = 6e-06", gigabytes=6e-6
    )
    assert list(tmp_path.iterdir()) == []


def test_what_was_used_longest_ago_makes_way(tmp_path):
    """Each file holds 6,480 bytes of crops, and two fit."""
    first, second, third = (
        changed(some_faces(), boxes=some_faces().boxes + i) for i in range(3)
    )
    other = tmp_path / "of the user"
    other.write_bytes(bytes(10**5))

    def reads(faces: Faces) -> int:
        before = faces.images.reads.total()
        crop_faces(faces, PLAN, None, tmp_path, 0, gigabytes=14.5e-6)
        for file in tmp_path.iterdir():  # Every use is later than the last.
            times = file.stat().st_atime_ns, file.stat().st_mtime_ns - 10**9
            os.utime(file, ns=times)
        return faces.images.reads.total() - before

    assert [reads(x) for x in (first, second, first)] == [5, 5, 0]
    assert reads(third) == 5  # The second makes way.
    assert [reads(x) for x in (first, second)] == [0, 5]
    assert other.exists() and len(list(tmp_path.iterdir())) == 3


def test_processes_that_cut_the_same_crops_agree(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(
                lambda _: (
                    crop_faces(
                        some_faces(40), PLAN, cache=tmp_path, verbose=0
                    ).images
                ),
                range(8),
            )
        )
    expected = crop_faces(some_faces(40), PLAN, verbose=0).images
    for images in found:
        np.testing.assert_array_equal(images, expected)
    assert len(list(tmp_path.iterdir())) == 1


def test_the_users_cache_is_where_the_system_has_caches(monkeypatch, tmp_path):
    monkeypatch.delenv("FACEMTL_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    for named in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", named)
        assert cache_folder("auto") == tmp_path / ".cache/facemtl"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_folder("auto") == tmp_path / "x/facemtl"
    monkeypatch.setenv("FACEMTL_CACHE", str(tmp_path / "own"))
    assert cache_folder("auto") == tmp_path / "own"
    crop_faces(some_faces(), PLAN, cache="auto", verbose=0)
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("FACEMTL_CACHE", "")
    assert cache_folder("auto") is None is cache_folder("")
    assert cache_folder(tmp_path) == tmp_path


def test_settings_use_the_users_cache_unless_told_otherwise(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("FACEMTL_CACHE", str(tmp_path))
    for told, kept in (([], 1), (["data.cache="], 0)):
        settings = load_settings(settings=told)
        faces = some_faces()
        crop_test(faces, settings, faces.tasks, BadRows())
        files = list(tmp_path.iterdir())
        assert len(files) == kept
        for file in files:
            file.unlink()
