"""Keras's own `load_model` finds facemtl's classes, in a process of its own."""

import subprocess
import sys
from importlib import import_module

import keras
import numpy as np
import pytest

from facemtl.evaluation import metrics
from facemtl.layers import Twin, WeightRegularization
from facemtl.models import FaceNetwork
from facemtl.registration import CLASSES
from facemtl.tasks import LANDMARKS, SMILE
from facemtl.training import losses


def python(code, *words):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


READ = """
import sys
import numpy as np
{first}
{second}
model = keras.saving.load_model(sys.argv[1])
outputs = model(np.zeros((1, 40, 40, 1), "uint8"))
print(type(model).__name__, len(outputs), "facemtl.models" in sys.modules)
"""
ORDERS = {
    "facemtl first": ("import facemtl", "import keras"),
    "keras first": ("import keras", "import facemtl"),
    "a layer's module": ("from facemtl.layers import Twin", "import keras"),
    "looked for before": (
        "import facemtl, importlib.util; importlib.util.find_spec('keras')",
        "import keras",
    ),
    "after tensorflow": ("import facemtl, tensorflow", "import keras"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A network, and a functional model of layers and losses."""
    folder = tmp_path_factory.mktemp("models")
    FaceNetwork(
        (LANDMARKS, SMILE),
        architecture="cross_stitch",
        width=0.1,
        landmarks="heatmap",
        mirrored=True,
        weight_regularization={"form": "l2"},
    ).save(folder / "network.keras")
    place = keras.Input((2, 2))
    twin = Twin(keras.layers.Dense(2), 2, WeightRegularization())
    mean = keras.layers.Average()(twin([place, place]))
    model = keras.Model(place, mean)
    model.compile(
        "sgd", losses.LandmarkLoss("wing"), metrics=[metrics.MeanError()]
    )
    model.fit(np.zeros((4, 2, 2)), np.zeros((4, 2, 2)), verbose=0)
    model.save(folder / "own.keras")
    return folder


@pytest.mark.parametrize("order", ORDERS)
def test_keras_finds_a_network(order, files):
    first, second = ORDERS[order]
    code = READ.format(first=first, second=second)
    found = python(code, files / "network.keras")
    assert found == ["FaceNetwork", "2", "True"]


def test_keras_finds_layers_losses_and_metrics(files):
    code = """
import sys, facemtl, keras
model = keras.saving.load_model(sys.argv[1])
parts = model.layers[1], model.loss
print(*(type(part).__name__ for part in parts), model.loss.form)
"""
    found = python(code, files / "own.keras")
    assert found == ["Twin", "LandmarkLoss", "wing"]


def test_nothing_is_imported_for_it():
    code = """
import sys, facemtl
before = sorted({"keras", "tensorflow", "facemtl.layers"} & set(sys.modules))
import keras
after = sorted(name for name in sys.modules if name.startswith("facemtl."))
print(before, after, [type(x).__name__ for x in sys.meta_path])
"""
    found = " ".join(python(code))
    assert found.startswith("[] ['facemtl.registration']")
    assert "_AfterKeras" not in found


def test_every_registered_class_is_listed():
    import_module("facemtl.mtl.optimizer")
    known = keras.saving.get_custom_objects()
    ours = {x.split(">")[1] for x in known if x.startswith("facemtl>")}
    assert ours == set(CLASSES)
    for name, module in CLASSES.items():
        home = import_module(f"facemtl.{module}")
        assert known[f"facemtl>{name}"] is getattr(home, name)
