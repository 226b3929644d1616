"""A video's CSV and crops, and the text of an annotated video."""

import csv

import cv2
import numpy as np
from video_case import film, frames_of, run_video

from facemtl.inference.face import Attribute, Face

POINTS = {
    **{"left eye": (60.0, 50.0), "right eye": (80.0, 50.0)},
    **{"nose": (70.0, 62.0), "left mouth corner": (62.0, 74.0)},
    "right mouth corner": (78.0, 74.0),
}
FACE = Face(
    (40.0, 30.0, 100.0, 90.0),
    POINTS,
    {"smile": Attribute("yes", 0.75, {"yes": 0.75, "no": 0.25})},
    score=0.9,
)


def two_faces(frame):
    other = Face((110.0, 30.0, 150.0, 70.0), POINTS, FACE.attributes)
    return [FACE, other] if len(frame) else []


def rows_of(file):
    with file.open() as text:
        return list(csv.DictReader(text))


def test_a_csv_has_a_row_per_face_and_frame(tmp_path):
    file = film(tmp_path / "film.mp4", count=3)
    table = tmp_path / "faces.csv"
    assert run_video(file, "--csv", table, predictor=two_faces) == 0
    rows = rows_of(table)
    assert [row["frame"] for row in rows] == list("001122")
    assert [row["time"] for row in rows[::2]] == ["0.0", "0.04", "0.08"]
    assert [row["track"] for row in rows] == list("121212")
    assert list(rows[0])[:4] == ["frame", "time", "track", "left"]
    assert rows[0]["nose x"] == "70.0"
    assert rows[0]["smile no probability"] == "0.25"
    assert [row["score"] for row in rows[:2]] == ["0.9", ""]
    assert run_video(file, "--csv", table, predictor=lambda _: []) == 0
    assert table.read_text() == "frame,time,track\n"


def test_crops_are_named_by_frame_and_track(tmp_path, capsys):
    file = film(tmp_path / "film.mp4", count=2)
    crops = tmp_path / "crops"
    words = ("--crops", crops, "--crop-size", 64)
    assert run_video(file, *words, predictor=two_faces) == 0
    assert sorted(file.name for file in crops.iterdir()) == [
        f"film_frame00000{frame}_face{track}.png"
        for frame in (0, 1)
        for track in (1, 2)
    ]
    picture = cv2.imread(str(crops / "film_frame000000_face1.png"))
    assert picture.shape == (64, 64, 3)
    wrote = f"Wrote 4 aligned faces in {crops}.\n"
    assert capsys.readouterr().err.endswith(wrote)


def test_text_and_progress_can_be_left_out(tmp_path, capsys):
    file = film(tmp_path / "film.mp4", count=2)
    drawn = {}
    for labels in ("all", "none"):
        words = ("--draw", tmp_path / labels, "--labels", labels, "--quiet")
        assert run_video(file, *words) == 0
        drawn[labels] = frames_of(tmp_path / labels / "film_faces.mp4")[0][1]
    assert np.abs(drawn["all"].astype(int) - drawn["none"]).max() > 60
    assert capsys.readouterr() == ("", "")
