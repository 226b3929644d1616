"""Training in half precision: weights stay float32, gradients are kept."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import load_settings
from facemtl.data.faces import BadRows
from facemtl.data.one_source import Splits
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.export.formats import export_network
from facemtl.inference.runtimes import load_network
from facemtl.models import load_model
from facemtl.pipeline.batches import fixed_batches
from facemtl.training.compiled import build_learner
from facemtl.training.preparation import (
    build_network,
    chosen_tasks,
    crop_splits,
)
from facemtl.training.run_process import PRECISIONS
from facemtl.training.trainer import fit_network

FACES = synthetic_faces(64, seed=1)
HALF = [precision for precision in PRECISIONS if precision != "float32"]
SMALL = [
    *("data.source=synthetic", "model.width=0.25", "train.epochs=3"),
    *("train.batch_size=16", "train.average=0.5"),
]
# So small a loss has gradients that float16 rounds to zero.
FAINT = [f"weighting.lambdas.{task.name}=1e-5" for task in FACES.tasks]


def prepared(precision, *more, model="cross_stitch"):
    """Settings, a new network, and crops to train and validate on."""
    settings = load_settings(
        model, settings=[*SMALL, f"train.precision={precision}", *more]
    )
    keras.config.set_dtype_policy(precision)  # conftest puts it back
    keras.utils.set_random_seed(0)
    tasks = chosen_tasks(FACES, settings.model.tasks)
    splits = Splits(FACES, FACES, None)
    crops = crop_splits(splits, settings, tasks, BadRows(), 0)
    return settings, build_network(settings, tasks), crops


def gradients(precision, scaled, *more):
    """{weight: gradient} of the first step, as its optimizer would have it."""
    settings, network, crops = prepared(precision, *more)
    learner = build_learner(network, crops[0], settings)
    x, y, weight = next(iter(fixed_batches(crops[1])))
    with tf.GradientTape() as tape:
        answers = learner(x, training=True)
        loss = learner.compute_loss(x, y, answers, weight)
        # 2 to the power of 15 overflows, and a training then halves it.
        scale = 2.0**10 if scaled else 1.0
        loss = loss * scale
    weights = learner.trainable_weights
    found = tape.gradient(loss, [w.value for w in weights])
    return {
        w.path: np.array(g, np.float64) / scale
        for w, g in zip(weights, found, strict=True)
        if g is not None
    }


def apart(some, wanted, name):
    """How far gradients of a weight are from float32's, as a share of them."""
    off = np.linalg.norm(some[name] - wanted[name])
    return off / np.linalg.norm(wanted[name])


@pytest.mark.slow
def test_a_scaled_loss_keeps_float16s_faint_gradients():
    """Without a scale, those of α are all wrong."""
    wanted = gradients("float32", False, *FAINT)
    plain = gradients("mixed_float16", False, *FAINT)
    scaled = gradients("mixed_float16", True, *FAINT)
    units = [name for name in wanted if "stitch_pool" in name]
    assert len(units) >= 3
    for name in units:
        assert apart(plain, wanted, name) > 0.3
        assert apart(scaled, wanted, name) < 0.15
    for name in (name for name in wanted if name.endswith("/kernel")):
        assert apart(scaled, wanted, name) < 0.15, name


def stepped(precision):
    """α after the first step that is taken, and before it; the loss's scale.

    Only the units move: the network's own rate is next to nothing.
    """
    settings, network, crops = prepared(
        precision,
        *("train.learning_rate=1e-7", "train.stitch_rate=1e5"),
        *("train.warm_up=0.0", "train.schedule=constant"),
        "weighting.lambdas.landmarks=100.0",  # overflows at the first scale
    )
    learner = build_learner(network, crops[0], settings)
    units = [w for w in network.trainable_weights if w.name == "alpha"]
    batch = next(iter(fixed_batches(crops[1])))
    before = [unit.numpy() for unit in units]
    for _ in range(8):
        learner.train_step(batch)
        after = [unit.numpy() for unit in units]
        if not np.array_equal(after[0], before[0]):
            break
    scale = getattr(learner.optimizer, "dynamic_scale", 1.0)
    return before, after, float(scale)


@pytest.mark.slow
def test_units_step_in_float16_as_in_float32():
    """By SGD: unlike Adam, it would show a scale that is not taken off."""
    before, wanted, _ = stepped("float32")
    start, after, scale = stepped("mixed_float16")
    # The first scale overflowed: steps were left out until it fit.
    assert 1.0 < scale < 2.0**15
    for a, b, one, other in zip(before, start, wanted, after, strict=True):
        np.testing.assert_array_equal(a, b)
        step = np.linalg.norm(one - a)
        assert step > 1e-4
        assert np.linalg.norm(other - one) < 0.15 * step


def test_float16_alone_has_a_scaled_loss_over_all_groups():
    for precision in PRECISIONS:
        settings, network, crops = prepared(precision, model="split")
        optimizer = build_learner(network, crops[0], settings).optimizer
        scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        assert scaled == (precision == "mixed_float16")
        groups = optimizer.inner_optimizer if scaled else optimizer
        assert isinstance(groups, keras.optimizers.MultiOptimizer)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """{precision: (history, folder)} of networks with one seed."""
    found = {}
    for precision in HALF:
        folder = tmp_path_factory.mktemp(precision)
        two = "model.tasks=['landmarks', 'smile']"
        settings, network, crops = prepared(precision, two, model="mmoe")
        fit_network(network, *crops, settings, folder, verbose=0)
        rows = np.genfromtxt(folder / "history.csv", delimiter=",", names=True)
        found[precision] = rows, folder
    keras.config.set_dtype_policy("float32")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("precision", HALF)
def test_a_fit_in_half_precision_learns_and_keeps_float32(precision, trained):
    rows, folder = trained[precision]
    assert rows["loss"][-1] < 0.9 * rows["loss"][0]
    assert rows["val_loss"][-1] < rows["val_loss"][0]
    network = load_model(folder)
    for weight in network.weights:
        assert weight.dtype == "float32", weight.path
        assert np.isfinite(weight.numpy()).all(), weight.path


@pytest.mark.slow
def test_an_export_of_it_is_float32_as_it_is(trained, tmp_path):
    _, folder = trained["mixed_float16"]
    export_network(
        folder / "model.keras",
        tmp_path,
        ["tflite"],
        ["none"],
        licence="own",
        verbose=0,
    )
    x = np.random.default_rng(0).integers(0, 256, (8, 40, 40, 1), np.uint8)
    wanted = load_network(folder).predict(x)
    lite = load_network(tmp_path / "model_float32.tflite").predict(x)
    for task, predictions in wanted.items():
        np.testing.assert_allclose(lite[task], predictions, rtol=0, atol=1e-5)
