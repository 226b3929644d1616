"""The faces of a report: which are picked, and how they are drawn."""

import base64
import re
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from html_case import Page
from study_case import predictions

from facemtl.evaluation.predictions import Predictions
from facemtl.studies.report.gallery import MARGIN, SIZE, draw_gallery, pick
from facemtl.tasks import SMILE


class Photos:
    """Grey photos with one red point at (30, 35)."""

    def __init__(self) -> None:
        self.read_names: list[str] = []

    def read(self, name: str) -> np.ndarray:
        self.read_names.append(name)
        photo = np.full((80, 80, 3), 90, np.uint8)
        photo[34:37, 29:32] = [255, 0, 0]
        return photo

    def stamp(self, name: str) -> str:
        return name


@pytest.mark.parametrize("n", range(10))
def test_picked_faces_are_unique_and_in_order(n):
    errors = np.random.default_rng(n).permutation(n).astype(float)
    found = pick(errors, 2)
    every = np.concatenate(list(found.values()))
    assert len(set(every.tolist())) == len(every)
    assert len(every) >= min(n, 3)
    values = {kind: errors[chosen].tolist() for kind, chosen in found.items()}
    assert values["best"] == list(range(len(values["best"])))
    worst = len(values["worst"])
    assert values["worst"] == list(range(n - 1, n - 1 - worst, -1))


def test_median_faces_stand_in_the_middle():
    found = pick(np.arange(101.0), 3)
    assert found["median"].tolist() == [49, 50, 51]
    assert {kind: len(x) for kind, x in found.items()} == {
        "best": 3,
        "median": 3,
        "worst": 3,
    }


def test_faces_without_labels_are_not_picked():
    errors = np.array([np.nan, 3.0, 1.0, np.nan, 2.0])
    found = pick(errors, 5)
    assert [x.tolist() for x in found.values()] == [[2], [4], [1]]


def test_gallery_shows_errors_and_names_without_folders():
    photos = Photos()
    drawn = draw_gallery(photos, {"a <b>": predictions(30)}, 2)
    page = Page(drawn)
    assert "secret" not in drawn and "a &lt;b&gt;" in drawn
    assert page.headings == [3, 4, 4, 4]
    errors = re.findall(r"<figcaption>([\d.]+) %", drawn)
    assert errors == ["0.0", "2.5", "35.0", "37.5", "72.5", "70.0"]
    assert photos.read_names[0] == "/secret/folder/0<&>.jpg"
    assert all(x.startswith("data:image/jpeg") for x in page.all("href"))


def test_points_lie_on_the_photo():
    drawn = draw_gallery(Photos(), {"a": predictions(3)}, 1)
    svg = ElementTree.fromstring(re.search("<svg.*?</svg>", drawn)[0])
    ring, dot = svg.find("circle[@class='ring']"), svg.findall("circle")[2]
    data = svg.find("image").get("href").partition(",")[2]
    image = cv2.imdecode(
        np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR
    ).astype(int)
    assert image.shape == (SIZE, SIZE, 3)
    red = image[..., 2] - image[..., 1]
    y, x = np.argwhere(red > 60).mean(axis=0) + 0.5  # centres of pixels
    assert float(ring.get("cx")) == pytest.approx(x, abs=0.6)
    assert float(ring.get("cy")) == pytest.approx(y, abs=0.6)
    # The best face is off by nothing.
    assert dot.get("class") == "dot" and dot.get("cx") == ring.get("cx")
    side = 40 * (1 + 2 * MARGIN)
    expected = (30 - (40 - side / 2)) / side * SIZE
    assert float(ring.get("cx")) == pytest.approx(expected, abs=0.06)


def test_no_landmarks_no_gallery():
    answered = Predictions(
        (SMILE,), np.array(["a.jpg"]), np.zeros((1, 4)), {}, {}
    )
    assert draw_gallery(Photos(), {"a": answered}) == ""


def test_the_same_faces_make_the_same_text():
    both = [draw_gallery(Photos(), {"a": predictions(9)}, 2) for _ in "ab"]
    assert both[0] == both[1]
