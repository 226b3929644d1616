"""Faces for the preset of 68 points, and its commands."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from test_convert_points import template_68

from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_splits
from facemtl.photos.images import FolderImages

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def presets(monkeypatch):
    """The folder `presets/` can be imported from."""
    monkeypatch.syspath_prepend(ROOT / "presets")


def faces_in(folder, n):
    """N faces with the same 68 points, in photos of noise."""
    from labelled_faces import TASK

    folder.mkdir()
    names = np.array([f"{folder.name}{i}.png" for i in range(n)])
    rng = np.random.default_rng(n)
    for name in names:
        photo = rng.integers(0, 255, (100, 100), np.uint8)
        cv2.imwrite(str(folder / name), photo)
    points = np.repeat(50 + 5 * template_68()[None], n, axis=0)
    boxes = np.repeat([[20.0, 20.0, 80.0, 80.0]], n, axis=0)
    labels = {TASK.name: points}
    return Faces((TASK,), FolderImages(folder), names, names, boxes, labels)


def test_faces_of_two_folders_become_one_csv(tmp_path):
    from labelled_faces import data_settings, write_faces

    own, more = faces_in(tmp_path / "own", 6), faces_in(tmp_path / "more", 3)
    parts = [(own.select(np.arange(4)), "train"), (more, "train")]
    kept = own.select(np.arange(4, 6))
    file = tmp_path / "runs/faces.csv"
    write_faces([*parts, (kept, "val")], file)
    data = replace(data_settings(str(file)), validation_share=0.1)
    read = load_splits(data, BadRows())
    assert len(read.train) == 7
    assert [Path(name).name for name in read.validation.names] == [
        "own4.png",
        "own5.png",
    ]
    photos = [read.train.images.read(name) for name in read.train.names]
    np.testing.assert_array_equal(photos[5], more.images.read("more1.png"))
    np.testing.assert_allclose(
        read.train.labels["landmarks"][5],
        more.labels["landmarks"][1],
        atol=0.01,
    )


def test_faces_on_which_networks_disagree_are_left_out(tmp_path, monkeypatch):
    import labelled_faces

    faces = faces_in(tmp_path / "more", 3)
    truth = faces.labels["landmarks"]
    corners = np.linalg.norm(truth[0, 36] - truth[0, 45])
    moves = {"a": np.array([0, 0.02, 0.03]), "b": np.zeros(3)}

    class Network:
        def __init__(self, run):
            self.run = run

        def with_mirror(self):
            return self

    def points(network, given):
        assert np.isnan(given.labels["landmarks"]).all()
        # Two networks are both half of the difference from their mean.
        apart = 2 * corners * moves[network.run]
        return truth + apart[:, None, None] * [1, 0]

    bare = replace(faces, tasks=(), labels={})
    monkeypatch.setattr(labelled_faces, "read_csv", lambda file: bare)
    monkeypatch.setattr(labelled_faces, "load_model", Network)
    monkeypatch.setattr(labelled_faces, "_points", points)
    found = labelled_faces.labelled("more.csv", ["a", "b"])
    assert found.names.tolist() == ["more0.png", "more1.png"]
    np.testing.assert_allclose(found.labels["landmarks"][0], truth[0])
    moved = found.labels["landmarks"][1] - truth[1]
    np.testing.assert_allclose(moved[:, 0], 0.02 * corners)


def test_a_missing_file_is_one_line_before_work_begins(tmp_path):
    import make_points68

    from facemtl.errors import InputError

    (tmp_path / "own.csv").touch()
    words = ["--data", str(tmp_path / "own.csv"), "--more", "nowhere.csv"]
    with pytest.raises(InputError) as error:
        make_points68.main([*words, "--runs", str(tmp_path / "runs")])
    assert str(error.value) == (
        "Expected --more as a CSV. Received: nowhere.csv."
    )


def test_the_commands_are_those_of_fit(tmp_path, monkeypatch):
    import make_points68

    from facemtl.fine_tuning import start_config
    from facemtl.fit import parser

    ran = []
    monkeypatch.setattr(make_points68.fit, "main", ran.append)
    written = tmp_path / "faces.csv"
    monkeypatch.setattr(make_points68, "write_labels", lambda *x, **y: written)
    monkeypatch.setattr(make_points68, "resized", lambda *x: "smaller")
    found = make_points68.trained("a.csv", "b.csv", tmp_path)
    assert found == tmp_path / "last"
    args = [parser().parse_args(words) for words in ran]
    assert [Path(x.out).name for x in args] == [
        *("first", "second", "third", "all", "own", "again", "both", "last")
    ]
    assert [x.start for x in args[:3]] == ["large", "large", "base"]
    first = start_config("large", settings=args[0].settings)
    assert first["augment"]["rotation"] == 15
    assert first["start"]["rate"] == 1
    assert args[3].data == str(written)
    assert args[3].model == "points68"
    assert args[4].start == str(tmp_path / "all")
    assert args[5].start == str(tmp_path / "own")
    assert args[6].start == "smaller"
    assert all(x.resume for x in args)


def test_a_network_for_smaller_crops_has_the_same_weights(tmp_path):
    import make_points68
    from labelled_faces import TASK

    from facemtl.models import FaceNetwork, load_model

    layers = {"blocks": "residual", "landmarks": "heatmap"}
    layers |= {"architecture": "split", "channels": [2, 2, 2, 2, 2]}
    crop = {"size": 56, "color": "gray", "margin": 0.2}
    network = FaceNetwork((TASK,), crop=crop, **layers)
    (tmp_path / "again").mkdir()
    network.save(tmp_path / "again/model.keras")
    (tmp_path / "again/config.toml").write_text("[loss]\nscale = 0.005\n")
    folder = make_points68.resized(tmp_path / "again", tmp_path / "smaller")
    smaller = load_model(folder)
    assert smaller.crop == replace(network.crop, size=54)
    for found, expected in zip(
        smaller.get_weights(), network.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    assert (folder / "config.toml").read_text().startswith("[loss]")
