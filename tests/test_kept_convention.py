"""The detector's convention is fitted once for the runs of a study."""

from dataclasses import replace

import numpy as np
import pytest

from facemtl.data.convention_fit import fit_detector
from facemtl.data.kept_convention import detector_convention
from facemtl.data.synthetic.faces import synthetic_faces

FACES = synthetic_faces(40, seed=4)


class NoPhotos:
    """Photos that may not be read, with the stamps of others."""

    stamp = FACES.images.stamp

    def read(self, name):
        raise AssertionError(f"{name} is read again")


def test_a_second_run_reads_no_photo(tmp_path):
    fitted = fit_detector(FACES)
    assert fitted is not None
    assert detector_convention(FACES, tmp_path) == fitted
    unread = replace(FACES, images=NoPhotos())
    assert detector_convention(unread, tmp_path) == fitted
    assert [file.suffix for file in tmp_path.iterdir()] == [".json"]
    moved = replace(unread, boxes=unread.boxes + 1)
    with pytest.raises(AssertionError, match="read again"):
        detector_convention(moved, tmp_path)


def test_too_few_faces_are_kept_as_such(tmp_path):
    few = FACES.select(np.arange(5))
    assert detector_convention(few, tmp_path) is None
    unread = replace(few, images=NoPhotos())
    assert detector_convention(unread, tmp_path) is None


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fitted = fit_detector(FACES).to_dict()
    assert detector_convention(FACES).to_dict() == fitted
    assert list(tmp_path.iterdir()) == []
