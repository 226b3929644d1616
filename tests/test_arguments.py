"""Arguments of public Keras objects are checked where they are made."""

import argparse
import re
from dataclasses import replace

import keras
import numpy as np
import pytest

from facemtl.arguments import finite_number, real_number, whole_number
from facemtl.config import default_config, load_settings
from facemtl.evaluation import metrics
from facemtl.layers import (
    ConvMaxPool,
    CrossStitch,
    MeanOfMirror,
    ResidualBlock,
    Twin,
    WeightRegularization,
)
from facemtl.models import FaceNetwork
from facemtl.tasks import LANDMARKS, SMILE
from facemtl.training import callbacks, losses, weighting
from facemtl.training.callbacks.average import WeightAverage
from facemtl.training.optimizers import build_optimizer, schedule

NAN, INF = float("nan"), float("inf")
NO_COUNTS = (0, -1, 2.5, "3", True, None, NAN, [3])
NO_FLAGS = (0, 1, 0.1, "yes", None)
NOT_POSITIVE = (0, -1.0, NAN, INF, "1", True, None, [1.0])
NEGATIVE = (-0.1, NAN, INF, "1", True, None, [1.0])
DENSE = keras.layers.Dense(3)
TASKS = ["landmarks", "smile"]


def cases():
    """(name, value, what is made of it); each must be refused."""
    switches = {
        "per_channel": lambda x: CrossStitch((0.9, 0.1), x),
        "linear_map": lambda x: WeightRegularization(linear_map=x),
        "normalize": lambda x: WeightRegularization(normalize=x),
        "use_bias": lambda x: ConvMaxPool(4, use_bias=x),
        "separable": lambda x: ResidualBlock(4, x),
        "per_face": lambda x: metrics.FailureRate(per_face=x),
        "mirrored": lambda x: network(mirrored=x),
        "normalization": lambda x: network(normalization=x),
        "fc_normalization": lambda x: network(fc_normalization=x),
    }
    counts = {
        "streams": lambda x: Twin(DENSE, x),
        "pool filters": ConvMaxPool,
        "kernel_size": lambda x: ConvMaxPool(4, x),
        "filters": ResidualBlock,
        "classes": metrics.BalancedAccuracy,
        "steps": lambda x: schedule(0.1, x, 0.0),
    }
    positive = {
        "landmark scale": lambda x: losses.LandmarkLoss("l2", x),
        "value scale": losses.ValueLoss,
        "box": lambda x: metrics.MeanError(box=x),
        "threshold": metrics.FailureRate,
        "temperature": lambda x: weighting.DynamicWeightAverage(
            TASKS, temperature=x
        ),
        "width": lambda x: network(width=x),
    }
    no_less = {
        "factor": lambda x: WeightRegularization(factor=x),
        "lambdas": lambda x: weighting.FixedWeighting(TASKS, {"smile": x}),
        "class_weights": lambda x: losses.AttributeLoss([1.0, x]),
        "label_smoothing": lambda x: losses.AttributeLoss(label_smoothing=x),
        "learning rate": lambda x: schedule(x, 5, 0.0),
        "warm_up": lambda x: schedule(0.1, 5, x),
        "epochs": lambda x: callbacks.ScheduleLambda(keras.Model(), x),
        "decay": lambda x: WeightAverage(keras.Model(), x),
        "learning_rate": lambda x: optimizer(learning_rate=x),
        "stitch_rate": lambda x: optimizer(stitch_rate=x),
        "weight_decay": lambda x: optimizer(weight_decay=x),
    }
    others = {
        "alpha": (
            CrossStitch,
            [0.9, (0.9,), "ab", ("a", "b"), (0.9, NAN), None, (True, False)]
            + [[[0.9, 0.1]], [[0.9], [0.1, 0.9]], (0.5, 0.3, 0.2), [], [[1]]],
        ),
        "layer": (
            Twin,
            [keras.layers.Dense, "Dense", None, 3, keras.activations.relu]
            + [{}, [DENSE], keras.losses.MeanSquaredError()],
        ),
        "term": (
            lambda x: Twin(DENSE, 2, x),
            [WeightRegularization, "l2", 0.1, DENSE, True],
        ),
        "one stream": (lambda x: Twin(DENSE, 1, x), [WeightRegularization()]),
        "form": (WeightRegularization, ["l3", None, 2, ["l2"]]),
        "even": (lambda x: ConvMaxPool(4, x), [4, 1, 2]),
        "kind": (lambda x: MeanOfMirror(x, (1, 0)), ["class", None, ["value"]]),
        "mirror": (
            lambda x: MeanOfMirror("classes", x),
            [(1, 2, 0), (0, 2), 3, None, (0.0, 1.0), (True, False), "10"],
        ),
        "value's mirror": (lambda x: MeanOfMirror("value", x), [(0,), (1, 0)]),
        "landmark form": (losses.LandmarkLoss, ["l1", None, 1, ["l2"]]),
        "weights": (losses.AttributeLoss, [[], "ab", 0.5, {}]),
        "smoothing": (
            lambda x: losses.AttributeLoss(label_smoothing=x),
            [1, 1.5],
        ),
        "normalizer": (metrics.MeanError, ["iris", None, 1, ["box"]]),
        "eyes": (
            lambda x: metrics.MeanError(eyes=x),
            [(0,), (0, 0), (0, 1, 2), (-1, 0), (0.0, 1), 3, None, "01"],
        ),
        "tasks": (
            weighting.FixedWeighting,
            ["smile", [], ["a", "a"], [1], None, 3],
        ),
        "lambda": (
            lambda x: weighting.FixedWeighting(TASKS, x),
            [{"smyle": 1.0}, [0.5], 0.5, "smile"],
        ),
        "decay of 1": (lambda x: WeightAverage(keras.Model(), x), [1.0, 2]),
        "share": (lambda x: schedule(0.1, 5, x), [1.1]),
        "schedule": (lambda x: schedule(0.1, 5, 0.0, x), ["linear", None, 1]),
        "stitch_optimizer": (
            lambda x: optimizer(stitch_optimizer=x),
            ["adamw", None, ["sgd"]],
        ),
        "mode": (
            lambda x: callbacks.KeepBest(None, None, None, "loss", x),
            ["auto", None],
        ),
        "stopping": (stopping, [{"method": "none"}, {"window": 0}]),
        "network's tasks": (
            lambda x: FaceNetwork(x, width=0.1),
            [
                (),
                LANDMARKS,
                "smile",
                [SMILE, SMILE],
                None,
                ["smile"],
                [SMILE, 1],
            ],
        ),
        "crop": (
            lambda x: network(crop=x),
            [{"sise": 40}, {"size": "40"}, {"size": True}, 40, {"size": 40.5}]
            + [{"margin": NAN}, {"color": "blue"}, {"color": ["rgb"]}],
        ),
        "architecture": (lambda x: network(architecture=x), ["fork", None, 1]),
        "blocks": (lambda x: network(blocks=x), ["vgg", None, ["sun"]]),
        "channels": (
            lambda x: network(channels=x),
            [5, "12345", [True] * 5, [1.5] * 5, (1, 2), None],
        ),
        "activation": (lambda x: network(activation=x), ["rely", None, 3]),
        "landmarks": (lambda x: network(landmarks=x), ["points", None, 1]),
        "streams of tasks": (
            lambda x: stitched(streams=x),
            [["landmarks", "smile"], [1, 2], "all", 3, [["landmarks"], [1]]],
        ),
        "stitch": (
            lambda x: stitched(stitch=x),
            ["all", {"stages": [["fc"]]}, {"stages": 3}, {"alpha": 0.9}]
            + [{"alfa": (0.9, 0.1)}, {"per_channel": 0.1}, {"alpha": [0.9]}],
        ),
        "weight_regularization": (
            lambda x: stitched(weight_regularization=x),
            ["l2", {"form": "l3"}, {"form": "l2", "layers": [["fc"]]}]
            + [{"form": "l2", "factor": "1"}, {"form": ["l2"]}],
        ),
    }
    for values, makers in (
        (NO_FLAGS, switches),
        (NO_COUNTS, counts),
        (NOT_POSITIVE, positive),
        (NEGATIVE, no_less),
    ):
        others |= {name: (make, list(values)) for name, make in makers.items()}
    for name, (make, values) in others.items():
        for value in values:
            # Without addresses, which differ from worker to worker.
            shown = re.sub(r" at 0x\w+", "", repr(value))
            yield pytest.param(make, value, id=f"{name}={shown}"[:60])


def network(**settings):
    return FaceNetwork((LANDMARKS, SMILE), **{"width": 0.1, **settings})


def stitched(**settings):
    return network(architecture="cross_stitch", **settings)


def optimizer(**settings):
    return build_optimizer(replace(load_settings().train, **settings), 5)


def stopping(settings):
    section = {**default_config()["stopping"], "method": "tcdcn", **settings}
    held = weighting.FixedWeighting(TASKS)
    return callbacks.TaskwiseStopping(None, None, held, "smile", section)


@pytest.mark.parametrize(("make", "value"), list(cases()))
def test_is_refused_in_one_line(make, value):
    with pytest.raises(ValueError) as error:
        make(value)
    assert str(error.value).startswith("Expected ")
    assert "eceived" in str(error.value)
    assert "\n" not in str(error.value)


def test_numbers_of_numpy_are_numbers():
    assert ConvMaxPool(np.int64(4), np.int32(3)).get_config()["filters"] == 4
    term = WeightRegularization(factor=np.float32(0.5))
    assert type(term.get_config()["factor"]) is float
    assert CrossStitch(np.array([0.9, 0.1])).alpha_start == [0.9, 0.1]
    loss = losses.AttributeLoss(np.array([1, 2]), np.float64(0.1))
    assert loss.get_config()["class_weights"] == [1.0, 2.0]


def test_a_pair_that_is_given_as_two_arguments():
    with pytest.raises(ValueError) as error:
        CrossStitch(0.9, 0.1)
    assert str(error.value) == (
        "Expected alpha as (own, other) or a 2 x 2 matrix. Received: "
        "alpha=0.9. Write CrossStitch((0.9, 0.1))."
    )


@pytest.mark.parametrize("weights", [[1.0], [1.0, 1.0, 1.0]])
def test_class_weights_are_as_many_as_classes(weights):
    with pytest.raises(ValueError, match="Expected 2 class_weights"):
        losses.AttributeLoss(weights)(np.array([0]), np.array([[0.5, 0.5]]))


def test_the_main_task_is_one_of_the_weighting():
    held = weighting.FixedWeighting(TASKS)
    section = {**default_config()["stopping"], "method": "tcdcn"}
    with pytest.raises(ValueError, match=r"Expected main in \['landmarks'"):
        callbacks.TaskwiseStopping(None, None, held, "pose", section)


@pytest.mark.parametrize(
    "kernels",
    [
        [[np.zeros(4)]],
        [np.zeros(4), np.zeros(4)],
        [[np.zeros(4)], []],
        [[np.zeros(4)], [np.zeros(5)]],
        [[np.zeros(4)], [np.zeros(1)]],
        np.zeros((2, 4)),
    ],
    ids=["one stream", "no lists", "fewer", "longer", "to broadcast", "tensor"],
)
def test_a_term_wants_the_kernels_of_streams(kernels):
    with pytest.raises(ValueError, match="the kernels of two or more streams"):
        WeightRegularization()(kernels)


@pytest.mark.parametrize(
    "kind, text, expected",
    [
        (whole_number, "²", "a whole number of at most 18 digits"),
        (whole_number, "1_0", "a whole number of at most 18 digits"),
        (whole_number, str(2**63), "a whole number of at most 18 digits"),
        (real_number, "1_0.5", "a number"),
        (real_number, "half", "a number"),
        (finite_number, "nan", "a finite number"),
        (finite_number, "-inf", "a finite number"),
    ],
)
def test_what_is_no_number_is_told_by_argparse(kind, text, expected, capsys):
    parser = argparse.ArgumentParser(prog="facemtl")
    parser.add_argument("--count", type=kind)
    with pytest.raises(SystemExit):
        parser.parse_args([f"--count={text}"])
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"expected {expected}. Received: {text}" in said.replace("'", "")
