"""A search space becomes configurations, and bad ones are told in a line."""

import re
from dataclasses import replace
from pathlib import Path

import keras_tuner
import pytest

from facemtl.config import load_config
from facemtl.dotted_names import differences
from facemtl.errors import InputError
from facemtl.models import FaceNetwork
from facemtl.models.transfer import freeze
from facemtl.models.units import UNITS
from facemtl.mtl import BALANCINGS, WEIGHTINGS
from facemtl.settings import settings_of
from facemtl.tasks import MTFL_TASKS
from facemtl.training.balancing import build_balancing
from facemtl.training.preparation import build_network
from facemtl.training.start import find_start
from facemtl.tuning.describe import (
    default_values,
    describe_space,
    start_values,
)
from facemtl.tuning.space import DEFAULT, load_space

WEIGHTING = "weighting.method"
BALANCING = "weighting.balancing"
UNIT = "model.stitch.unit"
README = Path(__file__).parent.parent / "tuning/README.md"
REG = "model.weight_regularization"


def declared(space):
    hp = keras_tuner.HyperParameters()
    space.declare(hp)
    return hp


def write(tmp_path, text):
    (tmp_path / "space.toml").write_text(text)
    return tmp_path / "space.toml"


def test_the_default_space_is_the_issues():
    names = {hp.name for hp in declared(load_space()).space}
    assert names >= {
        *(
            f"model.stitch.stages.{s}"
            for s in ("pool1", "pool2", "pool3", "fc")
        ),
        *(f"model.stitch.{k}" for k in ("per_channel", "alpha")),
        *(f"{REG}.{k}" for k in ("form", "factor", "layers", "normalize")),
        "weighting.method",
        *(f"weighting.lambdas.{t.name}" for t in MTFL_TASKS[1:]),
        *(f"train.{k}" for k in ("stitch_rate", "learning_rate")),
        "train.weight_decay",
        "model.width",
        "augmentation",
    }


def test_what_does_not_count_keeps_its_default_or_otherwise():
    space, default = load_space(), load_config("cross_stitch")
    alone = space.config(
        {
            "stitched": False,
            "model.stitch.alpha": 0.6,
            "train.stitch_rate": 3.0,
            f"{REG}.form": "none",
            f"{REG}.factor": 0.5,
        }
    )
    assert differences(default, alone) == ["model.stitch.stages"]
    assert alone["model"]["stitch"]["stages"] == []


def test_a_search_may_choose_any_weighting():
    space = load_space()
    (method,) = (x for x in space.hyperparameters if x.name == WEIGHTING)
    assert set(method.choice) == set(WEIGHTINGS)
    for name in method.choice:
        values = {WEIGHTING: name, "weighting.lambdas.pose": 3.0}
        found = space.config(values)["weighting"]
        assert found["method"] == name
        assert found["lambdas"] == {"pose": 3.0}


def test_a_search_may_choose_units_and_balancing(tmp_path):
    """The ranges of the README fit into the default space."""
    found = re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.S)
    (ranges,) = (x for x in found if "weighting.balancing" in x)
    head, part, tail = DEFAULT.read_text("utf-8").partition(
        '[[hyperparameters]]\nkey = "model.stitch.per_channel"'
    )
    assert part
    tail = tail[tail.index("[[hyperparameters]]") :]
    space = load_space(write(tmp_path, f"{head}{ranges}\n{tail}"))
    by_name = {x.name: x for x in space.hyperparameters}
    units, methods = (by_name[x].choice for x in (UNIT, BALANCING))
    stages = by_name["model.stitch.stages"]
    assert set(units) == set(UNITS)
    assert set(methods) == {"none", *BALANCINGS}
    for unit in units:  # each at values that only cross_stitch has
        values = {"stitched": True, UNIT: unit, BALANCING: "mgda"}
        values |= {"model.stitch.per_channel": False, "model.width": 0.7}
        values |= dict.fromkeys(stages.names, True)
        settings = settings_of(space.config(values))
        network = build_network(settings, MTFL_TASKS)
        kinds = [x for x in network.layers if x.name == "stitch_fc"]
        assert type(kinds[0]).__name__.lower() == unit.replace("_", "")
    for method in methods:
        settings = settings_of(space.config({BALANCING: method}))
        made = build_balancing([x.name for x in MTFL_TASKS], settings)
        kind = type(made.method) if made else "none"
        assert kind == BALANCINGS.get(method, "none")


def test_settings_of_trials_alone_are_not_part_of_the_answer():
    space = load_space()
    trial, found = space.config({}, trial=True), space.config({})
    assert differences(trial, found) == ["data.train_share"]
    assert found["data"]["train_share"] == 1.0
    assert space.untuned() == load_config("cross_stitch_regularized")


def test_the_default_is_described_as_a_point():
    space = load_space()
    values = default_values(space)
    assert values["model.stitch.stages.pool2"] is True
    assert values["model.stitch.alpha"] == 0.9
    assert values[f"{REG}.form"] == "l2"
    assert values["weighting.lambdas.pose"] == 1.0
    assert values["augmentation"] == 1.0
    described = {one["name"]: one for one in describe_space(space)}
    assert set(values) <= set(described)
    assert described["stitched"]["kind"] == "flag"
    assert described["train.learning_rate"]["log"] is True
    assert described[f"{REG}.factor"]["when"] == {f"{REG}.form": ["l2", "exp"]}
    point = space.config(values | {"stitched": True})
    # The same in other words: all four stages, and λ = 1 said.
    assert differences(space.untuned(), point) == [
        "model.stitch.stages",
        "weighting.lambdas",
    ]


def test_a_search_starts_at_the_default_where_that_is_a_point():
    space = load_space()
    values = start_values(space)
    assert values["stitched"] is True
    assert values == space.active(values)
    low = tuple(
        replace(one, high=0.005) if one.key == "train.learning_rate" else one
        for one in space.hyperparameters
    )
    assert start_values(replace(space, hyperparameters=low)) == {}


def test_values_become_settings():
    space = load_space()
    values = dict(declared(space).values)
    values |= {
        "model.stitch.stages.pool2": False,
        "model.stitch.alpha": 0.75,
        f"{REG}.form": "exp",
        f"{REG}.factor": 0.02,
        f"{REG}.layers": "['conv1', 'conv2']",
        "weighting.lambdas.pose": 4.0,
        "augmentation": 2.0,
        "tuner/epochs": 3,  # Hyperband's own; not a setting
    }
    config = space.config(values)
    assert config["model"]["stitch"]["stages"] == ["pool1", "pool3", "fc"]
    assert config["model"]["stitch"]["alpha"] == [0.75, 0.25]
    regularization = config["model"]["weight_regularization"]
    assert regularization["factor"] == 0.02
    assert regularization["layers"] == ["conv1", "conv2"]
    assert config["weighting"]["lambdas"]["pose"] == 4.0
    assert config["augment"]["rotation"] == 10.0
    assert config["augment"]["mirror"] is True


def test_random_points_are_networks():
    space = load_space()
    oracle = keras_tuner.oracles.RandomSearchOracle(
        objective=keras_tuner.Objective("error", "min"),
        max_trials=6,
        seed=3,
        hyperparameters=declared(space),
    )
    for i in range(6):
        config = space.config(oracle.populate_space(str(i))["values"])
        settings = {**config["model"], "width": 0.2}
        del settings["tasks"]
        assert FaceNetwork(MTFL_TASKS, **settings).count_params() > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Received: nothing"),
        ("[[hyperparameter]]\nkey = 'model.width'", "Received: ..hyperparam"),
        ("[[hyperparameters]]\nlow = 1", "with a key or name"),
        ("[[hyperparameters]]\nkey='model.width'\nlo=1", "with a key or name"),
        ("[[hyperparameters]]\nkey='model.widht'\nlow=1\nhigh=2", "'model.wid"),
        ("[[hyperparameters]]\nkey='model.width'", "Received: none"),
        ("[[hyperparameters]]\nkey='model.width'\nchoice=[]", "not empty"),
        ("[[hyperparameters]]\nkey='model.width'\nlow=2\nhigh=2", "low < high"),
        ("[[hyperparameters]]\nkey='model.width'\nlow=2", "high = None"),
        (
            "[[hyperparameters]]\nkey='model.width'\nlow=0\nhigh=2\nlog=true",
            "low > 0 where log",
        ),
        (
            "[[hyperparameters]]\nkey='model.width'\nlow=1\nhigh=2\n"
            "when={stitched=[true]}",
            "a condition on a choice above",
        ),
        (
            2 * "[[hyperparameters]]\nkey='model.width'\nlow=1\nhigh=2\n",
            "is there twice",
        ),
        (
            "[settings]\ntrain.epochz=3\n"
            "[[hyperparameters]]\nkey='model.width'\nlow=1\nhigh=2",
            "unknown setting 'train.epochz'",
        ),
        (
            "[search]\ndata.fases=3\n"
            "[[hyperparameters]]\nkey='model.width'\nlow=1\nhigh=2",
            "unknown setting 'data.fases'",
        ),
        (
            "[limits]\nweights=3\n"
            "[[hyperparameters]]\nkey='model.width'\nlow=1\nhigh=2",
            "Received: weights = 3",
        ),
    ],
)
def test_bad_spaces_are_told_in_a_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as error:
        load_space(write(tmp_path, text))
    assert "space.toml" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match=r"none.toml: expected a TOML"):
        load_space(tmp_path / "none.toml")


def test_a_search_may_start_from_a_preset(tmp_path):
    """The space of tuning/README.md fits the preset that it names."""
    readme = README.read_text("utf-8")
    text = readme[readme.index("A search can start from a preset") :]
    (toml,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    space = load_space(write(tmp_path, toml))
    point = {"train.freeze": "pool2", "start.rate": 0.5}
    settings = settings_of(space.config(point, trial=True))
    network = build_network(settings, MTFL_TASKS)
    start = find_start(settings)
    done = start.apply(network, verbose=0)
    freeze(network, settings.train.freeze)
    assert done.heads == tuple(task.name for task in MTFL_TASKS)
    assert not network.get_layer("conv2").trainable
    assert network.get_layer("conv3").trainable
