"""The commands of the guides, run one after another as a newcomer does."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemtl.data.csv.writer import write_csv
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.models import FaceNetwork
from facemtl.tasks import GLASSES, LANDMARKS, MTFL_TASKS
from tests.export_case import write_drawn
from tests.forked import run
from tests.test_docs import ROOT, commands

GUIDES = ("quickstart", "train", "fine_tuning", "predict")
# Runs of a newcomer last for minutes; these options shorten them.
SHORT = {
    "fit": "--epochs 1 --set train.epoch_steps=1",
    "export": "--formats tflite --quantize none",
}
# What is not run here, and why.
NOT_RUN = {
    "facemtl demo": "a server, which does not end",
    "facemtl predict - ": "reads standard input, as test_predict_folders.py",
    "facemtl predict --video 0": "needs a camera",
    "facemtl predict --video rtsp": "needs a camera",
    "facemtl fit --data faces.csv --model split --out runs/jax": "needs JAX",
    # These differ in settings from runs of the same guide.
    "facemtl fit --data faces.csv --model cross_stitch": "test_any_data.py",
    "facemtl fit --data faces.csv --model split --set": "test_run_balancing.py",
    "facemtl data convert": "needs an annotation tool's export",
    "make fit": "installs an environment, as every run of the tests does",
}


OWN = (LANDMARKS, GLASSES)
# Points under names that no preset has, and a class that presets know.
OWN_TASKS = """
[[task]]
name = "landmarks"
kind = "landmarks"
names = ["first eye", "second eye", "tip", "first corner", "second corner"]
mirror = [["first eye", "second eye"], ["first corner", "second corner"]]

[[task]]
name = "glasses"
kind = "classes"
names = ["yes", "no"]
"""


def write_photo(file: Path, index: int = 0) -> None:
    photo = synthetic_faces(index + 1).images.read(f"drawn/0/{index}")
    cv2.imwrite(str(file), photo[..., ::-1])


def write_film(file: Path) -> None:
    photo = synthetic_faces(1).images.read("drawn/0/0")[..., ::-1]
    size = photo.shape[1::-1]
    film = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), 10, size)
    for _ in range(5):
        film.write(photo)
    film.release()


def make_files(folder: Path, guide: str) -> None:
    """Write all files that the guides' commands read."""
    file = write_drawn(folder, 24, seed=3)
    if guide == "fine_tuning":
        faces = synthetic_faces(24, seed=3).only(OWN)
        names = np.array([f"{i}.png" for i in range(24)])
        write_csv(replace(faces, names=names), file)
        (folder / "tasks.toml").write_text(OWN_TASKS, encoding="utf-8")
    for name in ("my_faces", "more_faces", "my_points", "glasses", "others"):
        shutil.copy(file, folder / f"{name}.csv")
    for name in ("photo.jpg", "party.jpg", "one.png"):
        write_photo(folder / name)
    (folder / "holiday").mkdir()
    write_photo(folder / "holiday/beach.jpg")
    for i in range(3):
        write_photo(folder / f"img_{i:04d}.png")
    write_film(folder / "film.mp4")
    if guide == "predict":
        (folder / "runs/mine").mkdir(parents=True)
        FaceNetwork(MTFL_TASKS, width=0.25).save(
            folder / "runs/mine/model.keras"
        )


def shortened(words: list[str]) -> list[str]:
    """The command with the options of `SHORT`, unless it checks an export."""
    short = "" if "--check" in words else SHORT.get(words[1], "")
    return [*words, *short.split()]


def expanded(words: list[str], folder: Path) -> list[str]:
    """Replace patterns by file names, as a shell does."""
    return [
        name
        for word in words
        for name in (
            [x.name for x in folder.glob(word)] if "*" in word else [word]
        )
    ]


@pytest.mark.slow
@pytest.mark.parametrize("guide", GUIDES)
def test_the_commands_of_a_guide_run_in_their_order(guide, tmp_path):
    page = ROOT / f"docs/{guide}.md"
    make_files(tmp_path, guide)
    ran = 0
    for words in commands(page):
        line = " ".join(words)
        if line.startswith(tuple(NOT_RUN)):
            continue
        assert words[0] == "facemtl", line
        given = expanded(shortened(words)[1:], tmp_path)
        done = run([sys.executable, "-m", "facemtl", *given], tmp_path)
        # 1: `data check` has findings, which drawn faces may have.
        assert done.returncode <= (words[1:3] == ["data", "check"]), (
            f"{line}\n{done.stdout}\n{done.stderr}"
        )
        ran += 1
    assert ran >= 4


def test_the_readme_shows_the_commands_of_the_guides():
    known = {
        " ".join(words)
        for guide in GUIDES
        for words in commands(ROOT / f"docs/{guide}.md")
    }
    shown = {" ".join(words) for words in commands(ROOT / "README.md")}
    assert shown <= known | {
        line.replace("--data faces.csv", "--data my_faces.csv")
        for line in known
    }
