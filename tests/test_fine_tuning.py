"""Runs that start from a trained network, in Python and as a command."""

import contextlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from export_case import write_drawn

from facemtl.config import load_config
from facemtl.errors import InputError
from facemtl.fine_tuning import start_config
from facemtl.fit import main
from facemtl.models import FaceNetwork, load_model
from facemtl.settings import settings_of
from facemtl.tasks import LANDMARKS, MTFL_TASKS, SMILE, Task
from facemtl.training.callbacks import RunState
from facemtl.training.optimizers import build_optimizer
from facemtl.training.phases import _heads_epochs
from facemtl.training.runs import train
from facemtl.training.start import _agreement, find_start

QUICK = ["--epochs", "2", "--set", "train.epoch_steps=2"]

MOOD = """
[[task]]
name = "landmarks"
kind = "landmarks"
names = ["left eye", "right eye", "nose", "left mouth corner",
  "right mouth corner"]
mirror = [["left eye", "right eye"],
  ["left mouth corner", "right mouth corner"]]
[[task]]
name = "mood"
kind = "classes"
names = ["yes", "no"]
"""


def test_the_configuration_is_that_of_the_network():
    config = start_config("large", settings=["train.epochs=7"])
    same = start_config(Path("large"), settings=["train.epochs=7"])
    assert same == config
    own = load_config("large")
    assert config["model"] == own["model"]
    assert config["data"]["size"] == 48
    assert config["augment"] == own["augment"]
    assert config["weighting"] == own["weighting"]
    assert config["train"]["learning_rate"] == own["train"]["learning_rate"]
    assert config["train"]["epochs"] == 7
    assert config["start"] == {
        **own["start"],
        "network": "large",
        "rate": config["start"]["rate"],
        "heads_first": 0.25,
    }


def test_a_run_folder_gives_its_settings_but_not_its_data(tmp_path):
    from facemtl.config import write_config

    settings = ["data.source=faces.csv", "augment.rotation=3", "train.seed=9"]
    write_config(
        load_config("single", settings=settings), tmp_path / "config.toml"
    )
    network = FaceNetwork((LANDMARKS,), {"size": 32}, width=0.1)
    network.save(tmp_path / "model.keras")
    config = start_config(tmp_path)
    assert config["data"]["source"] == "" and config["train"]["seed"] == 0
    assert config["augment"]["rotation"] == 3
    assert config["data"]["size"] == 32 and config["model"]["width"] == 0.1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("split", "a configuration"),
        ("none/here", "Received: none/here"),
        ("broken.keras", "broken.keras: expected a facemtl network"),
    ],
)
def test_what_is_no_trained_network(name, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.keras").write_bytes(b"PK nothing")
    with pytest.raises(InputError) as error:
        start_config(name)
    assert said in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (['start.keep=["mood"]'], "start.keep (--keep) out of landmarks, "),
        (["distillation.teacher=tiny", 'start.keep=["smile"]'], "both"),
        (["data.size=48"], "data.size = 40"),
        (["model.blocks=sun"], "model.blocks = 'residual'"),
        (["train.alone_epochs=2"], "train.alone_epochs = 0"),
        (['start.anew=["mood"]'], "start.anew out of landmarks, "),
        (['start.anew=["pose"]', 'start.keep=["pose"]'], "pose in both"),
    ],
)
def test_settings_that_do_not_fit(settings, said):
    with pytest.raises(InputError) as error:
        find_start(settings_of(start_config("tiny", settings=settings)))
    assert said in str(error.value)


@pytest.mark.parametrize(
    "setting",
    ["train.freeze=trunk", 'start.keep=["smile"]', "start.heads_first=1"],
)
def test_settings_that_need_a_network(setting):
    with pytest.raises(InputError, match=r"start.network \(--from\) with"):
        find_start(settings_of(load_config("base", settings=[setting])))


def test_layers_with_weights_learn_at_their_own_rate():
    """The first step of Adam moves a weight by its learning rate."""
    train = settings_of(load_config("split")).train
    train = replace(train, warm_up=0.0, weight_decay=0.0)
    optimizer = build_optimizer(train, 100, ["conv1/kernel"], 0.25)
    weights = FaceNetwork((LANDMARKS,), width=0.1).trainable_weights
    before = [x.numpy() for x in weights]
    optimizer.apply([keras.ops.ones_like(x) for x in weights], weights)
    for weight, value in zip(weights, before, strict=True):
        rate = train.learning_rate
        rate *= 0.25 if weight.path == "conv1/kernel" else 1
        assert np.allclose(value - weight.numpy(), rate, rtol=1e-3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "tiny", "--model", "split"], "--from or --model"),
        (["--keep", "smile"], "--from with --keep"),
        (["--from", "nothing"], "'nothing'"),
    ],
)
def test_words_that_do_not_go_together(words, said):
    with pytest.raises(InputError) as error:
        main(["--data", "synthetic", *words])
    assert said in str(error.value)


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """A CSV of drawn faces with the points, a mood and no other label."""
    folder = tmp_path_factory.mktemp("faces")
    path = write_drawn(folder, 30, seed=3)
    header, *rows = path.read_text().splitlines()
    names = header.split(",")
    kept = [
        i
        for i, name in enumerate(names)
        if name not in ("gender", "glasses", "pose")
    ]
    lines = [",".join(names[i] for i in kept).replace("smile", "mood")]
    lines += [",".join(row.split(",")[i] for i in kept) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    (folder / "tasks.toml").write_text(MOOD)
    return path


@pytest.fixture(scope="module")
def tuned(faces, tmp_path_factory):
    """The folder of a run from `tiny` that keeps its gender, and its words."""
    folder = tmp_path_factory.mktemp("tuned") / "run"
    words = ["--from", "tiny", "--data", str(faces), "--keep", "gender"]
    words += ["--set", "start.heads_first=0.5"]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert main([*words, *QUICK, "--out", str(folder)]) == 0
    return folder, said.getvalue()


@pytest.mark.slow
def test_a_run_says_what_it_keeps(tuned):
    folder, said = tuned
    assert "Start from tiny:" in said
    assert "heads     landmarks, gender\n" in said
    assert "new       mood\n" in said
    assert "left out  smile, glasses, pose\n" in said
    assert "gender kept: " in said
    names = [task.name for task in load_model(folder).tasks]
    assert names == ["landmarks", "mood", "gender"]
    report = json.loads((folder / "report.json").read_text())
    assert list(report["kept"]) == ["gender"]
    assert "gender" not in report["scores"]["validation"]["attributes"]


@pytest.mark.slow
def test_heads_learn_first(tuned):
    folder, said = tuned
    assert "First phase: training the heads.\n" in said
    before = {x.path: x.numpy() for x in load_model("tiny").weights}
    first = {x.path: x.numpy() for x in load_model(folder / "heads").weights}
    after = {x.path: x.numpy() for x in load_model(folder).weights}
    trunk = [x for x in before if x.startswith(("conv", "fc/"))]
    for path in trunk:
        assert np.array_equal(first[path], before[path]), path
    assert not np.array_equal(after["fc/kernel"], before["fc/kernel"])
    assert not np.array_equal(first["gender/kernel"], before["gender/kernel"])
    # The second phase starts from the first.
    same = np.corrcoef(first["mood/kernel"].T, after["mood/kernel"].T)[0, 2]
    assert same > 0.9
    epochs = json.loads((folder / "report.json").read_text())["epochs"]
    assert epochs == 1


@pytest.mark.parametrize(
    ("share", "epochs", "first"),
    [(0.25, 40, 10), (0.25, 1, 0), (0.0, 40, 0), (1.0, 40, 39)],
)
def test_epochs_of_the_heads_alone(share, epochs, first):
    settings = [f"start.heads_first={share}", f"train.epochs={epochs}"]
    config = load_config("base", settings=settings)
    assert _heads_epochs(settings_of(config)) == first


@pytest.mark.slow
def test_a_tuned_network_can_be_tuned_further(tuned, faces, tmp_path):
    folder, _ = tuned
    words = ["--from", str(folder), "--data", str(faces), "--keep", "gender"]
    words += ["--set", "train.freeze=trunk", "--set", "data.size=40"]
    words += ["--set", "start.heads_first=0.5"]
    words += ["--set", 'start.anew=["mood"]', "--out", str(tmp_path / "run")]
    assert main([*words, *QUICK]) == 0
    # The heads learn alone in all epochs: there is no first phase.
    assert not (tmp_path / "run/heads").exists()
    report = json.loads((tmp_path / "run/report.json").read_text())
    assert report["epochs"] == 2
    one, other = load_model(folder), load_model(tmp_path / "run")
    before = {x.path: x.numpy() for x in one.weights}
    for weight in other.weights:
        layer = weight.path.split("/")[0]
        frozen = layer.startswith("conv") or layer == "fc"
        assert np.array_equal(weight, before[weight.path]) == frozen, (
            weight.path
        )


@pytest.mark.slow
def test_colors_do_not_fit_a_gray_preset(faces, tmp_path):
    words = [
        "--from",
        "tiny",
        "--data",
        str(faces),
        "--out",
        str(tmp_path / "x"),
    ]
    with pytest.raises(InputError, match=r"data.color = 'gray'"):
        main([*words, "--set", "data.color=rgb"])


def test_agreement_with_the_network_before():
    widths = np.array([50.0, 100.0])
    before = np.zeros((2, 5, 2))
    moved = before + np.array([3.0, 4.0])
    found = _agreement(LANDMARKS, before, moved, widths)
    assert found == {"moved": pytest.approx((10 + 5) / 2)}
    classes = np.array([[0.9, 0.1], [0.4, 0.6]])
    same = _agreement(SMILE, classes, classes[:, ::-1] * [1, 9], widths)
    assert same == {"same_class": 50.0}
    years = np.array([[1990.0], [2000.0]])
    found = _agreement(Task("year", "value"), years, years - [[1], [4]], widths)
    assert found == {"changed": 2.5}


def test_a_kept_task_must_be_the_same_in_the_data():
    config = start_config("tiny", settings=['start.keep=["smile"]'])
    start = find_start(settings_of(config))
    assert start.tasks((LANDMARKS,)) == (LANDMARKS, SMILE)
    with pytest.raises(InputError, match=r"'smile' as \['yes', 'no'\]"):
        start.tasks((Task("smile", "classes", ("no", "yes")),))


@pytest.mark.parametrize("content", ["[]", '{"config": {"crop": []}}', "{"])
def test_a_damaged_configuration_is_one_line(content, tmp_path):
    file = tmp_path / "model.keras"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("config.json", content)
    with pytest.raises(InputError, match="expected a facemtl network"):
        start_config(file)


def test_all_tasks_of_a_preset_can_be_kept():
    names = ", ".join(f'"{task.name}"' for task in MTFL_TASKS)
    config = start_config("tiny", settings=[f"start.keep=[{names}]"])
    start = find_start(settings_of(config))
    assert start.kept == MTFL_TASKS


@pytest.mark.slow
def test_a_resumed_run_ends_as_an_unbroken_one(tuned, tmp_path, monkeypatch):
    folder, _ = tuned
    config = load_config(file=folder / "config.toml")
    ended = RunState.on_epoch_end

    def stop(self, epoch, logs=None):
        ended(self, epoch, logs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(RunState, "on_epoch_end", stop)
        train(config, tmp_path / "cut", verbose=0)
    train(config, tmp_path / "cut", resume=True, verbose=0)
    one, other = load_model(folder), load_model(tmp_path / "cut")
    for weight, again in zip(one.weights, other.weights, strict=True):
        np.testing.assert_allclose(
            weight, again, atol=1e-6, err_msg=weight.path
        )
