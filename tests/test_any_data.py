"""Every preset on every kind of data: it trains, or says what does.

Advice is followed as it was printed. To trace a graph takes most of the time of
a few steps: each preset has one for one kind of data, and none for the others.
"""

import re

import pytest
import tensorflow as tf

from facemtl.config import load_config, preset_names
from facemtl.errors import InputError
from facemtl.training.runs import train
from tests.any_data_case import COLUMNS, write_kinds

pytestmark = [
    pytest.mark.slow,
    # Of runs without graphs.
    pytest.mark.filterwarnings("ignore:Even though.*tf.data functions"),
]
SMALL = ["model.channels=[4, 4, 4, 4, 8]", "train.epochs=1"]
# Those that differ in more than numbers meet every kind of data.
THOROUGH = ("single", "cross_stitch_regularized", "base")
# `mtan` and `mmoe` are trained by `test_learning.py`, too. What tells `tiny`
# and `large` from `base` are their channels, which SMALL sets, and the size.
KINDS = {
    "mtan": [],
    "mmoe": ["3 attributes"],
    "tiny": [],
    "large": ["3 attributes"],
}
ONE_TASK = {"5 points", "3 points", "68 points", "1 attribute", "1 value"}
CASES = [
    (preset, kind)
    for preset in preset_names()
    for kind in COLUMNS
    if preset in THOROUGH
    or kind in KINDS.get(preset, ("68 points", "3 attributes"))
]


@pytest.fixture
def _eager():
    """Train without graphs."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    return write_kinds(tmp_path_factory.mktemp("kinds"))


def refused(preset, kind):
    """Where a preset's architecture has nothing to do with the data."""
    if preset.startswith("cross_stitch"):
        return kind in ONE_TASK
    return preset == "single" and kind == "3 attributes"


def run(preset, source, folder, *settings):
    config = load_config(
        preset, settings=[*SMALL, f"data.source={source}", *settings]
    )
    return train(config, folder, verbose=0)


@pytest.mark.parametrize(("preset", "kind"), CASES)
def test_a_preset_trains_or_its_advice_does(
    preset, kind, kinds, tmp_path, request
):
    if kind != ("MTFL" if preset in THOROUGH else "68 points"):
        request.getfixturevalue("_eager")
    if refused(preset, kind):
        with pytest.raises(InputError) as error:
            run(preset, kinds[kind], tmp_path / "refused")
        assert "\n" not in str(error.value)
        settings = re.findall(r"--set '([^']+)'", str(error.value))
        models = re.findall(r"--model (\w+)", str(error.value))
        assert models
        if settings:
            run(preset, kinds[kind], tmp_path / "set", *settings)
        preset = models[0]
    report = run(preset, kinds[kind], tmp_path / "run")
    assert report["epochs"] == 1
    assert report["scores"]["validation"]["n"] == 2


@pytest.mark.usefixtures("_eager")
def test_the_readmes_command_on_attributes_alone(kinds, tmp_path):
    """Two streams, the first task's and the others'."""
    from facemtl.models import load_model

    run("cross_stitch", kinds["3 attributes"], tmp_path / "run")
    network = load_model(tmp_path / "run")
    names = [layer.name for layer in network.layers]
    assert {"stitch_fc", "smile", "gender", "glasses"} <= set(names)


@pytest.mark.usefixtures("_eager")
def test_what_was_fitted_is_printed(kinds, tmp_path, capsys):
    config = load_config(
        "base",
        settings=[
            *SMALL,
            f"data.source={kinds['68 points']}",
            "data.labelled={glasses = 0.5}",
            "data.repeat={pose = 2, smile = 3}",
        ],
    )
    train(config, tmp_path / "run", verbose=2)
    lines = capsys.readouterr().out.splitlines()
    end = "not among the tasks of this run; left out."
    assert lines[:3] == [
        f"data.labelled: glasses is {end}",
        f"data.repeat: pose, smile are {end}",
        f"weighting.lambdas: smile, gender, glasses, pose are {end}",
    ]
    assert lines[3].startswith("data.margin: 0.1, since heat maps do not reach")


def test_a_typing_error_among_lambdas_is_named(kinds, tmp_path):
    with pytest.raises(InputError, match="smlie"):
        run(
            "base",
            kinds["5 points"],
            tmp_path / "run",
            "weighting.lambdas.smlie=2",
        )


@pytest.mark.usefixtures("_eager")
def test_streams_of_other_data_are_answered_with_those_that_fit(
    kinds, tmp_path
):
    streams = 'model.streams=[["landmarks"], ["smile"]]'
    with pytest.raises(InputError) as error:
        run("cross_stitch", kinds["MTFL"], tmp_path / "one", streams)
    (fitting,) = re.findall(r"--set '([^']+)'", str(error.value))
    run("cross_stitch", kinds["MTFL"], tmp_path / "two", fitting)


def test_faces_without_any_label_are_told(kinds, tmp_path):
    source = kinds["1 attribute"]
    bare = source.with_name("bare.csv")
    rows = source.read_text().splitlines()
    kept = [rows[0], *(row.rpartition(",")[0] + "," for row in rows[1:])]
    bare.write_text("\n".join(kept))
    with pytest.raises(InputError, match=r"label of one of \['smile'\]"):
        run("split", bare, tmp_path / "run")
