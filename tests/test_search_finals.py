"""Where a search begins, and which of its best trials it ends with."""

from pathlib import Path

import pytest
from search_case import FakeTraining, arguments

from facemtl.config import load_config
from facemtl.errors import InputError
from facemtl.studies import runner
from facemtl.tuning import tuner
from facemtl.tuning.conclude import conclude
from facemtl.tuning.finals import play_finals
from facemtl.tuning.report.words import finding, made
from facemtl.tuning.results import best_trial, longest, read_trials
from facemtl.tuning.roles import search_as_chief
from facemtl.tuning.space import load_space

SEED = 7


class Reversed(FakeTraining):
    """With all faces, what was best in the search is worst."""

    def __call__(self, config, *given, **named):
        if config["train"]["seed"] == SEED:
            rate = config["train"]["learning_rate"]
            config["model"]["width"] = 1e3 * self.order.index(rate)
        return super().__call__(config, *given, **named)


@pytest.fixture
def searched(tmp_path, monkeypatch):
    """The folder and arguments of a search of six, and what trained it."""
    fake = Reversed()
    for module in (tuner, runner):
        monkeypatch.setattr(module, "train_in_process", fake)
    args = arguments(tmp_path, "--tuner", "random", "--max-trials", "6")
    search_as_chief(args)
    return fake, args


def test_the_first_trial_is_the_default(searched):
    first, default = searched[0].configs[0], load_config("cross_stitch")
    assert first["model"]["stitch"]["stages"] == ["pool1", "fc"]
    assert first["train"]["learning_rate"] == default["train"]["learning_rate"]
    assert first["model"]["width"] == default["model"]["width"]


def test_finals_choose_among_the_best(searched, tmp_path):
    fake, args = searched
    space = load_space(args.space)
    trials = read_trials(Path(args.out) / "trials", space)
    best = longest(trials)[:3]
    fake.order = [x["values"]["train.learning_rate"] for x in best]
    given = (space, trials, "mean_error", "synthetic", SEED, 3, tmp_path)
    play_finals(*given)
    play_finals(*given)  # nothing is trained twice
    assert len(fake.configs) == 6 + 3
    assert {x["data"]["faces"] for x in fake.configs[6:]} == {30}
    assert best_trial(trials) is best[2]
    assert sum(x["final"] is not None for x in trials) == 3


def test_a_final_that_fails_is_told(searched, tmp_path):
    fake, args = searched
    space = load_space(args.space)
    trials = read_trials(Path(args.out) / "trials", space)
    fake.order = [x["values"]["train.learning_rate"] for x in trials]
    fake.fails = lambda config: "disk full"
    given = (space, trials, "mean_error", "synthetic", SEED, 2, tmp_path)
    with pytest.raises(InputError, match="disk full"):
        play_finals(*given)


def test_the_report_names_the_finals(searched, monkeypatch, capsys):
    fake, args = searched
    written = []
    monkeypatch.setattr("facemtl.tuning.conclude.confirm", lambda *given: None)
    monkeypatch.setattr(
        "facemtl.tuning.conclude.write_json", lambda x, _: written.append(x)
    )
    args.confirm, args.finalists = SEED, 2
    trials = read_trials(Path(args.out) / "trials", load_space(args.space))
    fake.order = [x["values"]["train.learning_rate"] for x in longest(trials)]
    assert conclude(args, "facemtl tune") == 0
    said = finding(written[-1])
    assert "with all faces and epochs" in said
    assert capsys.readouterr().out.endswith(f"\n\n{said}\n")
    assert f"trial {written[-1]['best']}: " in made(written[-1])["Finals"]
