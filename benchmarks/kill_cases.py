"""The commands that `kills.py` kills, and their input."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import kill_results as results

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.tasks import MTFL_TASKS

FACES = ("data.faces=64", "model.width=0.25", "train.threads=1")
SETS = [word for setting in FACES for word in ("--set", setting)]
SETTINGS = "settings = { data.faces = 64, model.width = 0.25 }\n"
STUDY = f"""seeds = 1
{SETTINGS}
[[variants]]
name = "one"
settings.train.epochs = 2
[[variants]]
name = "two"
model = "single"
settings.train.epochs = 2
"""
SPACE = f"""{SETTINGS}
search = {{ train.epochs = 1 }}
[[hyperparameters]]
key = "train.learning_rate"
low = 0.001
high = 0.01
"""


@dataclass(frozen=True)
class Case:
    """A command, its restart, and the result to compare.

    Attributes:
        words: arguments of facemtl; `OUT` stands for the output folder.
        result: returns the result from that folder, after the command's end.
        again: further arguments of a restart.
    """

    words: Sequence[str]
    result: Callable[[Path], Any]
    again: Sequence[str] = ()


CASES = {
    "fit": Case(
        ("fit", "--data", "synthetic", *SETS, "--epochs", "3", "--out", "OUT"),
        results.weights_of_run,
        ("--resume",),
    ),
    "compare": Case(
        (
            *("compare", "study.toml", "--data", "synthetic", "--jobs", "2"),
            *("--runs", "OUT/runs", "--out", "OUT/out"),
        ),
        results.results_of_study,
    ),
    "tune": Case(
        (
            *("tune", "--data", "synthetic", "--space", "space.toml"),
            *("--tuner", "random", "--max-trials", "2", "--workers", "2"),
            *("--confirm", "0", "--out", "OUT"),
        ),
        results.trials_of_search,
        ("--resume",),
    ),
    "export": Case(
        ("export", "network.keras", "--quantize", "none", "--out", "OUT"),
        results.formats_of_export,
    ),
    "predict photos": Case(
        (
            *("predict", *(f"photo{i}.png" for i in range(20))),
            *("--json", "OUT/faces.json", "--draw", "OUT"),
        ),
        results.texts,
    ),
    "predict a video": Case(
        (
            *("predict", "--video", "film.mp4"),
            *("--json", "OUT/faces.jsonl", "--draw", "OUT"),
        ),
        results.texts,
    ),
}


def prepare(folder: Path) -> None:
    """Write the input: a study, a space, a network, photos, a film."""
    from facemtl.models import FaceNetwork

    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "space.toml").write_text(SPACE, encoding="utf-8")
    FaceNetwork(MTFL_TASKS, width=0.25).save(folder / "network.keras")
    faces = synthetic_faces(20)
    photos = [faces.images.read(name)[..., ::-1] for name in faces.names]
    for i, photo in enumerate(photos):
        cv2.imwrite(str(folder / f"photo{i}.png"), photo)
    code = cv2.VideoWriter.fourcc(*"mp4v")
    film = cv2.VideoWriter(str(folder / "film.mp4"), code, 25, (320, 320))
    for photo in [*photos, *photos]:
        film.write(cv2.resize(photo, (320, 320)))
    film.release()
