"""The commands of the guides, run one after another as a newcomer does."""

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemtl.data.csv.writer import write_csv
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.models import FaceNetwork, load_model
from facemtl.tasks import GLASSES, LANDMARKS, MTFL_TASKS, load_layout
from tests.commands_not_run import ELSEWHERE, IN_GUIDES
from tests.export_case import write_drawn
from tests.forked import run
from tests.test_docs import PAGES, ROOT, commands

GUIDES = ("quickstart", "train", "fine_tuning", "predict")
# Runs of a newcomer last for minutes; these options shorten them.
SHORT = {
    "fit": "--epochs 1 --set train.epoch_steps=1",
    "export": "--formats tflite --quantize none",
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
        if line.startswith(tuple(IN_GUIDES)):
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


def fits_of_68_points():
    """The commands of `data/README.md` that train on 68 points."""
    fits = [x for x in commands(ROOT / "data/README.md") if x[1] == "fit"]
    return [words for words in fits if "data.tasks=points68" in words]


@pytest.mark.slow
def test_networks_are_trained_on_68_points(tmp_path):
    faces = synthetic_faces(24, seed=3)
    task = load_layout("points68")
    left, top, right, bottom = faces.boxes.T[:, :, None]
    shares = np.random.default_rng(0).uniform(0.2, 0.8, (2, 24, task.size))
    x, y = shares * [right - left, bottom - top] + [left, top]
    labels = {task.name: np.stack([x, y], axis=-1)}
    faces = replace(faces, tasks=(task,), labels=labels)
    names = np.array([f"{i}.png" for i in range(24)])
    for i, name in enumerate(names):
        write_photo(tmp_path / name, i)
    write_csv(replace(faces, names=names), tmp_path / "faces.csv")
    for i, words in enumerate(fits_of_68_points()):
        given = [*shortened(words)[1:], "--out", f"runs/{i}"]
        done = run([sys.executable, "-m", "facemtl", *given], tmp_path)
        assert done.returncode == 0, done.stderr
        assert load_model(tmp_path / f"runs/{i}").tasks == (task,)
    assert i == 1


def lines_of(pages):
    """The commands of pages, each as a line."""
    return {" ".join(words) for page in pages for words in commands(page)}


def test_every_other_command_says_why_it_is_not_run():
    guides = [ROOT / f"docs/{guide}.md" for guide in GUIDES]
    pages = [*PAGES, *(ROOT / "results").glob("*/README.md")]
    pages.append(ROOT / "benchmarks/peers/README.md")
    others = lines_of(pages) - lines_of(guides)
    others -= {" ".join(words) for words in fits_of_68_points()}
    assert len(others) > 40
    unknown = [x for x in others if not x.startswith(tuple(ELSEWHERE))]
    assert unknown == []
    for lines, known in ((lines_of(guides), IN_GUIDES), (others, ELSEWHERE)):
        for begin, why in known.items():
            assert any(line.startswith(begin) for line in lines), begin
            for name in re.findall(r"[\w/]+\.(?:py|md)", why):
                places = (ROOT / "tests" / name, ROOT / name)
                assert any(place.is_file() for place in places), why


def test_the_readme_shows_the_commands_of_the_guides():
    known = lines_of(ROOT / f"docs/{guide}.md" for guide in GUIDES)
    shown = lines_of([ROOT / "README.md"])
    assert shown <= known | {
        line.replace("--data faces.csv", "--data my_faces.csv")
        for line in known
    }
