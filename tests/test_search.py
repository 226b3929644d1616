"""Searches end, say why, and go on where they were killed."""

import json
from pathlib import Path

import pytest
from kill_case import leave_part
from search_case import (
    SPACE,
    FakeTraining,
    arguments,
    namespace_with,
    trial_error,
)

from facemtl.config import load_config
from facemtl.errors import InputError
from facemtl.tuning import tuner as tuner_module
from facemtl.tuning.oracles import build_oracle
from facemtl.tuning.project import TUNERS
from facemtl.tuning.results import best_trial, read_trials, write_best
from facemtl.tuning.roles import search_as_chief
from facemtl.tuning.search import main
from facemtl.tuning.space import load_space

GRID = """
[settings]
data.faces = 20

[[hyperparameters]]
key = "model.blocks"
choice = ["tcdcn", "residual", "depthwise"]

[[hyperparameters]]
key = "train.batch_size"
low = 16
high = 48
step = 16
"""

# Some of its networks have more parameters.
LIMITED = """
[settings]
data.faces = 20

[limits]
parameters = 40000

[[hyperparameters]]
key = "model.width"
low = 0.2
high = 1.0
"""


@pytest.fixture
def training(monkeypatch):
    """Replaces training; returns a function that sets another."""

    def use(fake: FakeTraining) -> FakeTraining:
        monkeypatch.setattr(tuner_module, "train_in_process", fake)
        return fake

    return use


def trials_of(args):
    return read_trials(Path(args.out) / "trials", load_space(args.space))


def points(args):
    return sorted(str(trial["values"]) for trial in trials_of(args))


def test_hyperband_trains_the_best_longest(tmp_path, training):
    fake = training(FakeTraining())
    args = arguments(tmp_path, "--max-trials", "23")
    search_as_chief(args)
    trials = trials_of(args)
    # One iteration over 9 epochs: 9 + 3 + 1, 5 + 2, and 3 from the start.
    epochs = [trial["epochs"] for trial in trials]
    assert sorted(epochs) == [1] * 9 + [3] * 8 + [9] * 6
    assert [c["train"]["epochs"] for c in fake.configs] == epochs
    best = best_trial(trials)
    assert best["epochs"] == 9
    assert best["score"] == min(x["score"] for x in trials if x["epochs"] == 9)
    config = load_space(args.space).config(best["values"], trial=True)
    assert best["score"] == pytest.approx(trial_error(config))
    assert best["measures"]["accuracy"] == pytest.approx(90 - best["score"])
    first, promoted = trials[:9], trials[9:12]
    kept = sorted(first, key=lambda trial: trial["score"])[:3]
    assert [x["values"] for x in kept] == [x["values"] for x in promoted]


@pytest.mark.slow
@pytest.mark.parametrize("tuner", TUNERS)
def test_a_killed_search_goes_on(tmp_path, training, tuner):
    space = GRID if tuner == "grid" else SPACE
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    given = ("--tuner", tuner, "--max-trials", "7")
    unbroken = arguments(whole, *given, space=space)
    training(FakeTraining())
    search_as_chief(unbroken)
    args = arguments(broken, *given, space=space)
    for stop in (1, 3, 2, 3):
        training(FakeTraining(stops_at=stop))
        with pytest.raises(KeyboardInterrupt):
            search_as_chief(args)
        args = namespace_with(args, resume=True)
    training(FakeTraining())
    search_as_chief(args)
    assert {trial["status"] for trial in trials_of(args)} == {"COMPLETED"}
    assert len(trials_of(args)) == 7
    if tuner != "bayesian":  # its process starts from other random points
        assert points(args) == points(unbroken)
    if tuner == "grid":
        assert len(set(points(args))) == 7


def test_a_kill_between_two_files_loses_nothing(tmp_path, training):
    training(FakeTraining(stops_at=4))
    args = arguments(tmp_path, "--tuner", "random", "--max-trials", "6")
    with pytest.raises(KeyboardInterrupt):
        search_as_chief(args)
    trials = tmp_path / "out" / "trials"
    state = json.loads((trials / "oracle.json").read_text())
    # The fourth trial's file is there, the oracle's is still that before it.
    state["ongoing_trials"] = {}
    lost = state["start_order"].pop()
    (trials / "oracle.json").write_text(json.dumps(state))
    left = leave_part(trials / f"trial_{lost}", "trial.json")
    training(FakeTraining())
    search_as_chief(namespace_with(args, resume=True))
    assert not left.exists()
    found = trials_of(args)
    assert len(found) == 6
    assert {x["status"] for x in found} == {"COMPLETED"}
    assert lost in [x["id"] for x in found]


def test_failed_trials_say_why_and_do_not_stop_a_round(
    tmp_path, training, capsys
):
    def fails(config):
        high = config["train"]["learning_rate"] > 0.006
        return "the loss is not a number" if high else ""

    training(FakeTraining(fails))
    args = arguments(tmp_path, "--max-trials", "13")
    search_as_chief(args)
    trials = trials_of(args)
    failed = [trial for trial in trials if trial["status"] == "FAILED"]
    assert failed
    assert {x["error"] for x in failed} == {"the loss is not a number"}
    assert "failed: the loss is not a number" in capsys.readouterr().out
    # More than six of nine may fail: the three best are promoted all the same.
    assert [x["epochs"] for x in trials[9:]] == [3, 3, 3, 9]
    assert all(x["status"] == "COMPLETED" for x in trials[9:10])


def test_a_search_in_which_all_fails_ends_with_status_1(
    tmp_path, training, capsys
):
    fake = training(FakeTraining(lambda config: "No module named 'x'"))
    args = arguments(tmp_path)
    words = ["--data", "synthetic", "--space", args.space, "--out", args.out]
    assert main(words) == 1
    said = capsys.readouterr().out
    assert "All failed. The first: No module named 'x'" in said
    assert len(fake.configs) == 5


@pytest.mark.slow
def test_the_bayesian_tuner_leaves_its_random_phase(tmp_path, training):
    fake = training(FakeTraining())
    args = arguments(tmp_path, "--tuner", "bayesian", "--max-trials", "16")
    search_as_chief(args)
    errors = [trial_error(config) for config in fake.configs]
    assert sum(errors[8:]) / 8 < sum(errors[:5]) / 5 - 0.1


@pytest.mark.slow
def test_points_of_the_bayesian_tuner_are_within_the_limits(tmp_path):
    args = arguments(tmp_path, "--tuner", "bayesian", "--max-trials", "20")
    oracle = build_oracle("bayesian", load_space(args.space), 20, seed=0)
    oracle._set_project_dir(str(tmp_path), "trials")
    # More is better, and more than the limit is not allowed.
    oracle.within_limits = lambda values: values["model.width"] <= 0.5
    for _ in range(8):
        trial = oracle.create_trial("tuner0")
        values = trial.hyperparameters.values
        assert values["model.width"] <= 0.5
        assert {type(x) for x in values.values()} <= {bool, float}
        error = 2 - values["model.width"]
        oracle.update_trial(trial.trial_id, {"objective": error})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    oracle.within_limits = lambda values: False
    assert oracle.create_trial("tuner0").status == "STOPPED"


@pytest.mark.slow
def test_no_point_beyond_the_limits_is_tried(tmp_path, training):
    from facemtl.tasks import MTFL_TASKS
    from facemtl.tuning.limits import network_cost

    fake = training(FakeTraining())
    args = arguments(tmp_path, "--max-trials", "6", space=LIMITED)
    search_as_chief(args)
    assert len(fake.configs) == 6
    for config in fake.configs:
        cost = network_cost(config, MTFL_TASKS, ["parameters"])
        assert cost["parameters"] <= 40000
    none = arguments(tmp_path, space="[limits]\nparameters = 40\n" + GRID)
    with pytest.raises(InputError, match="none among 50"):
        search_as_chief(namespace_with(none, out=str(tmp_path / "none")))
    with pytest.raises(InputError, match=r"no \[limits\] with --tuner grid"):
        search_as_chief(namespace_with(none, tuner="grid"))


def test_a_folder_of_another_search_is_left_alone(tmp_path, training):
    training(FakeTraining())
    args = arguments(tmp_path, "--max-trials", "1")
    search_as_chief(args)
    with pytest.raises(InputError, match="Give --resume"):
        search_as_chief(args)
    for changes, word in (
        ({"tuner": "random"}, "tuner"),
        ({"seed": 3}, "seed"),
        ({"objective": "mean_error+attributes"}, "objective"),
    ):
        other = namespace_with(args, resume=True, **changes)
        with pytest.raises(InputError, match=f"another {word}. Give another"):
            search_as_chief(other)
    args = arguments(tmp_path, "--resume", space=SPACE.replace("0.2", "0.3"))
    with pytest.raises(InputError, match="another space"):
        search_as_chief(args)


def test_no_trial_begins_after_the_time_limit(tmp_path, training, capsys):
    fake = training(FakeTraining())
    args = arguments(tmp_path, "--budget", "1e-9")
    search_as_chief(args)
    assert fake.configs == []
    assert "the time is over" in capsys.readouterr().out
    search_as_chief(namespace_with(args, budget=0.0, resume=True, max_trials=2))
    assert len(fake.configs) == 2


def test_the_best_settings_are_a_configuration(tmp_path, training):
    training(FakeTraining())
    args = arguments(tmp_path, "--max-trials", "5", "--tuner", "random")
    search_as_chief(args)
    space, best = load_space(args.space), best_trial(trials_of(args))
    file = tmp_path / "best.toml"
    write_best(space, best, "mean error", file)
    assert load_config(file=file) == space.config(best["values"])
    assert load_config(file=file)["data"]["faces"] == 30


@pytest.mark.slow
def test_memory_stays_flat_over_a_hundred_trials(tmp_path, training):
    training(FakeTraining())
    args = arguments(tmp_path, "--max-trials", "20", "--tuner", "random")
    search_as_chief(args)
    before = resident_megabytes()
    search_as_chief(namespace_with(args, max_trials=120, resume=True))
    assert len(trials_of(args)) == 120
    assert resident_megabytes() - before < 30


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def test_tensorboard_reads_the_trials(tmp_path, training):
    from tensorboard.backend.event_processing.event_accumulator import (
        EventAccumulator,
    )
    from tensorboard.plugins.hparams import plugin_data_pb2

    training(FakeTraining())
    args = arguments(tmp_path, "--max-trials", "2", "--tuner", "random")
    search_as_chief(args)
    for trial in trials_of(args):
        folder = tmp_path / "out" / "tensorboard" / f"trial_{trial['id']}"
        events = EventAccumulator(str(folder)).Reload()
        kept = events.PluginTagToContent("hparams")
        tag = "_hparams_/session_start_info"
        data = plugin_data_pb2.HParamsPluginData.FromString(kept[tag])
        rate = data.session_start_info.hparams["train.learning_rate"]
        assert rate.number_value == trial["values"]["train.learning_rate"]


def test_what_nobody_foresaw_is_told_with_its_kind(tmp_path, training):
    def fails(config):
        raise KeyError("a fault of ours")

    training(FakeTraining(fails))
    args = arguments(tmp_path, "--max-trials", "1", "--tuner", "random")
    search_as_chief(args)
    (trial,) = trials_of(args)
    assert trial["status"] == "FAILED"
    assert trial["error"] == "KeyError: 'a fault of ours'"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--max-trials", "0"], "--max-trials >= 1"),
        (["--workers", "0"], "--workers >= 1"),
        (["--space", "no.toml"], r"no.toml: expected a TOML"),
        (["--data", "no/where"], "no/where"),
    ],
)
def test_bad_arguments_are_told_in_a_line(tmp_path, words, message):
    with pytest.raises(InputError, match=message) as error:
        main(["--out", str(tmp_path / "out"), *words])
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()
