"""Sheets of faces with their labels drawn in."""

from dataclasses import replace

import cv2
import numpy as np

from facemtl.data.check.seen import Finding
from facemtl.data.check.sheets import caption, draw_sheets
from tests.check_case import clean, relabelled


def test_captions_of_sheets():
    seen = clean(4)
    labels = {"smile": np.array([0, -1, 1, 1])}
    seen = relabelled(seen, **labels)
    rows = np.array(["f.csv, row 2", "f.csv, row 3", "f.csv, row 4"])
    rows = np.append(rows, f"{'a' * 60}.csv, row 5")
    seen = replace(seen, faces=replace(seen.faces, rows=rows))
    assert caption(seen, 0).splitlines()[:2] == [
        "f.csv, row 2 (train)",
        "smile: yes",
    ]
    assert "smile" not in caption(seen, 1)
    assert caption(seen, 3).startswith("row 5 (train)\nsmile: no\n")


def test_missing_points_are_not_drawn(tmp_path):
    seen = clean(2)
    points = seen.points.copy()
    points[0, 1] = np.nan
    seen = relabelled(seen, landmarks=points)
    draw_sheets(seen, [Finding("No <faces>.")], tmp_path)
    page = (tmp_path / "index.html").read_text("utf-8")
    assert "No &lt;faces&gt;." in page
    sheet = cv2.imread(str(tmp_path / "random.png"))
    assert sheet.shape[1] == 2 * 168
    orange = (sheet[:168] == (0x2E, 0x9D, 0xFF)).all(axis=2)
    # Right points: the mouth's corner, and of the second face the eye, too.
    assert 0 < orange[:, :168].sum() < orange[:, 168:].sum()
