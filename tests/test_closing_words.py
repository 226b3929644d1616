"""How `fit` ends: a whole sentence on any tasks, and what was not learned."""

import json
import re

import pytest

from facemtl.__main__ import main
from facemtl.config import load_config
from facemtl.errors import InputError
from facemtl.evaluation.report import in_words, table
from facemtl.process.cli import run
from facemtl.studies.report.tables import measure_table, summary_table
from facemtl.studies.run import Run
from facemtl.studies.runner import train_all
from facemtl.studies.study import Variant
from facemtl.training.runs import train
from tests.value_case import write_ages

QUICK = ["train.epochs=1", "model.width=0.25", "train.batch_size=16"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A CSV whose landmarks are called points, with an age."""
    folder = tmp_path_factory.mktemp("words")
    return write_ages(folder, "ages", names="points", n=40)


@pytest.fixture
def fit(source, tmp_path, capfd):
    """`facemtl fit` in this process: status, output lines and errors."""

    def call(*settings, words=()):
        sets = [w for x in (*QUICK, *settings) for w in ("--set", x)]
        given = ("--data", str(source), "--out", str(tmp_path / "run"), *words)
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            run(lambda _: main(["fit", *given, *sets]))
        out, err = capfd.readouterr()
        return end.value.code, out.splitlines(), err

    return call


def closing(lines):
    (line,) = [line for line in lines if line.startswith("On ")]
    return line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tasks", "pattern"),
    [
        (
            ["points"],
            r"On 8 unseen faces: points has an NME-box of [\d.]+ % \(mean "
            r"error relative to the box width\) and an FR@5 %-box of [\d.]+ % "
            r"\(points with a larger error\)\.",
        ),
        (["age"], r"On 8 unseen faces: age has a mean absolute error of .+\."),
        (
            ["points", "age"],
            r"On 8 unseen faces: points has an NME-box of .+; age has a mean "
            r"absolute error of [\d.]+\.",
        ),
    ],
    ids=str,
)
def test_a_run_on_any_tasks_ends_in_a_sentence(fit, tasks, pattern):
    status, lines, err = fit(f"model.tasks={json.dumps(tasks)}")
    assert (status, err) == (0, "")
    assert re.fullmatch(pattern, closing(lines))
    for task in tasks:
        assert any(re.match(rf"{task} {{10,}}", line) for line in lines), task


def test_words_and_tables_name_tasks_as_they_are():
    part = {
        "mean_error_box": 4.0,
        "failure_rate_box_5": 20.0,
        "bias_box": {"x": 0.0, "y": 0.0},
        "per_landmark": {"a": {"mean_error_box": 4.0}},
    }
    scores = {"n": 3, "face_points": part}
    assert "face_points has an NME-box of 4.00 %" in in_words(scores)
    assert re.search(r"face_points +NME-box, % +FR@5 %-box\n", table(scores))
    both = {**scores, "pupils": {**part, "mean_error_box": 1.5}}
    assert "; pupils has an NME-box of 1.50 %" in in_words(both)
    assert table(both).count("NME-box, %") == 2
    classes = {"smile": {"accuracy": 50.0, "balanced_accuracy": 40.0}}
    only = {"n": 1, "attributes": classes}
    assert (
        in_words(only) == "On 1 unseen face: smile has an accuracy of 50.0 %."
    )
    assert in_words({"n": 6}) == (
        "None of 6 unseen faces has a label of a learned task."
    )


def test_tables_of_a_study_show_values():
    one = {
        "name": "one",
        "parameters": 5,
        "multiply_adds": 5e6,
        "training_seconds": [60.0],
        "scores": {
            "validation": {"age absolute_error": {"mean": 12.5, "std": None}}
        },
    }
    results = {
        "study": {"seeds": 1},
        "measures": {"age absolute_error": {}},
        "groups": [{"name": "", "variants": [one]}],
    }
    summary = summary_table(results).markdown().splitlines()
    assert summary[0].endswith("| age, absolute error, validation |")
    assert summary[2] == "| one | 5 | 5.0 | 12.50 |"
    scores = measure_table(results, "validation").markdown().splitlines()
    assert scores[0] == "| variant | training, minutes | age, absolute error |"
    assert scores[2] == "| one | 1.0 | 12.50 |"
    assert measure_table(results, "test") is None


@pytest.mark.slow
def test_what_was_not_learned_is_said_and_kept(fit, tmp_path):
    status, lines, err = fit('model.tasks=["points"]', "train.learning_rate=0")
    assert (status, err) == (0, "")
    (line,) = [x for x in lines if "has learned nothing here" in x]
    assert line.startswith("points: NME-box ")
    report = json.loads((tmp_path / "run/report.json").read_text())
    assert report["learned"] == {"points": False}
    error = report["scores"]["validation"]["points"]["mean_error_box"]
    assert error >= report["baselines"]["points"] > 5
    # --resume says the same.
    status, again, _ = fit(
        *('model.tasks=["points"]', "train.learning_rate=0"),
        words=["--resume"],
    )
    assert status == 0 and line in again


DIVERGES = (
    *('model.tasks=["points"]', "train.learning_rate=20", "train.warm_up=0"),
    *("train.epochs=2", "train.average=0"),
)


@pytest.mark.slow
def test_a_run_that_diverged_ends_with_an_error(fit, tmp_path):
    status, lines, err = fit(*DIVERGES)
    assert status == 1
    assert err.startswith("error: Training diverged. points: NME-box ")
    assert err.count("\n") == 1
    assert not [line for line in lines if line.startswith("On ")]
    report = json.loads((tmp_path / "run/report.json").read_text())
    assert report["learned"] == {"points": False}
    assert f"error: {report['diverged']}\n" == err
    assert report["scores"]["validation"]["points"]["mean_error_box"] > 100
    status, _, again = fit(*DIVERGES, words=["--resume"])
    assert (status, again) == (1, err)


@pytest.mark.slow
def test_a_study_never_averages_a_run_that_diverged(source, tmp_path):
    settings = [*QUICK, *DIVERGES, f"data.source={source}"]
    config = load_config("split", settings=settings)
    one = Run(Variant("wild", "", config), config, tmp_path / "run")
    with pytest.raises(InputError, match="Training diverged"):
        train(config, one.folder, verbose=0)
    assert one.report_file.is_file() and not one.usable
    for _ in range(2):  # the second time, its report is there
        with pytest.raises(InputError) as error:
            train_all([one], jobs=1)
        assert str(error.value).startswith(
            "1 of 1 run failed. The first: 'wild': Training diverged. points: "
        )
