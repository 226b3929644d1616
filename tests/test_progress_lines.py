"""Lines about how far it is: no end before the end, and no `1 runs`."""

from types import SimpleNamespace

import pytest

from facemtl.config import load_config
from facemtl.evaluation.report import in_words, table
from facemtl.export.apps.batch.summary import Outcome, Summary
from facemtl.studies import progress
from facemtl.studies.progress import StudyProgress
from facemtl.tuning.progress import SearchProgress
from facemtl.words import plural


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands where it is set, in seconds."""
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now.seconds)
    return now


def runs(folder, n, epochs=1):
    config = load_config(settings=[f"train.epochs={epochs}"])
    made = []
    for i in range(n):
        own = folder / str(i)
        own.mkdir()
        report = own / "report.json"
        made.append(
            SimpleNamespace(config=config, folder=own, report_file=report)
        )
    return made


def train(run, epochs):
    (run.folder / "history.csv").write_text("epoch\n" + "1\n" * epochs)


def test_an_open_run_leaves_something_to_do(tmp_path, clock):
    first, second = both = runs(tmp_path, 2, epochs=100)
    shown = StudyProgress(both, 2, [30, 30])
    assert shown.line() == (
        "0 of 2 runs, 0 % of the work to do, unknown time left"
    )
    clock.seconds = 1.0
    first.report_file.write_text("{}")
    train(second, 100)  # all epochs, and no report yet
    assert shown.line() == "1 of 2 runs, 99 % of the work to do, 0:00:01 left"
    second.report_file.write_text("{}")
    assert shown.line() == "2 of 2 runs, 100 % of the work to do, 0:00:00 left"


def test_one_run_is_no_runs(tmp_path, clock):
    (one,) = runs(tmp_path, 1, epochs=4)
    shown = StudyProgress([one], 1, [30])
    clock.seconds = 7200.0
    train(one, 3)
    assert shown.line() == "0 of 1 run, 75 % of the work to do, 0:40:00 left"


def test_few_faces_that_pass_often_are_much_work(tmp_path, clock):
    """An epoch has at least `train.epoch_steps` steps."""
    both = few, _ = runs(tmp_path, 2, epochs=10)
    few.config["train"]["epoch_steps"] = 100
    shown = StudyProgress(both, 2, [30, 3200])
    clock.seconds = 64.0
    few.report_file.write_text("{}")
    assert shown.line() == "1 of 2 runs, 50 % of the work to do, 0:01:04 left"


@pytest.mark.parametrize(
    ("ended", "most", "line"),
    [
        (["0"], 2, "1 of 2 trials, about 0:01 h left"),
        (["0"], 1, "1 of 1 trial, about 0:00 h left"),
        ([], 1, "0 of 1 trial"),
    ],
)
def test_an_open_trial_leaves_a_minute(ended, most, line, clock, tmp_path):
    oracle = SimpleNamespace(end_order=[], max_trials=most, trials={})
    shown = SearchProgress(oracle, tmp_path)
    clock.seconds = 3.0
    oracle.end_order = ended
    assert shown.line() == line


def test_shards_and_photos_of_a_batch():
    one = Summary(1, 1, [Outcome("a", photos=1, faces=1)], 0.0)
    assert one.progress().startswith("1 of 1 shard, 1 of 1 photo, ")
    assert one.last_line().startswith("1 photo: 1 face in 1 of them, ")
    more = Summary(2, 2000, [Outcome("a", photos=1000)], 0.0)
    assert more.progress().startswith("1 of 2 shards, 1,000 of 2,000 photos, ")
    assert more.last_line().startswith("1,000 photos: 0 faces in 1,000 of ")


def test_scores_of_one_face_in_words():
    scores = {"n": 1, "values": {"turn": {"mean_absolute_error": 2.5}}}
    assert table(scores).startswith("1 face\n")
    assert in_words(scores) == (
        "On 1 unseen face: turn has a mean absolute error of 2.5."
    )


@pytest.mark.parametrize(("n", "noun"), [(0, "runs"), (1, "run"), (2, "runs")])
def test_plural(n, noun):
    assert plural(n, "run") == noun
