"""The units of a cross-stitch network: cross-stitch, NDDR, sluice."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import load_settings
from facemtl.errors import InputError
from facemtl.layers import CrossStitch
from facemtl.models import FaceNetwork, load_model
from facemtl.models.cost import multiply_adds
from facemtl.mtl.architectures import NDDR, Sluice
from facemtl.mtl.callbacks.sharing import RecordSharing
from facemtl.mtl.optimizer import unit_paths
from facemtl.tasks import LANDMARKS, SMILE
from facemtl.training.optimizers import build_optimizer
from facemtl.training.run_report import alpha_of
from facemtl.training.unused import unused_settings

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 40, 40, 1), np.uint8)
KINDS = {"cross_stitch": CrossStitch, "nddr": NDDR, "sluice": Sluice}


def network(stitch, **settings):
    """A narrow network of two tasks, the same at each call."""
    keras.utils.set_random_seed(0)
    given = {"architecture": "cross_stitch", "width": 0.1, "stitch": stitch}
    return FaceNetwork((LANDMARKS, SMILE), **(given | settings))


@pytest.mark.parametrize("unit", KINDS)
def test_a_unit_is_trained_and_saved(unit, tmp_path):
    one = network({"unit": unit, "stages": ["pool3", "fc"]})
    units = [x for x in one.layers if x.name.startswith("stitch_")]
    assert [type(x) for x in units] == [KINDS[unit]] * 2
    weights = one.trainable_weights
    with tf.GradientTape() as tape:
        found = one(IMAGES, training=True)
        loss = sum(tf.reduce_sum(y**2) for y in found.values())
    slopes = tape.gradient(loss, [w.value for w in weights])
    for weight, slope in zip(weights, slopes, strict=True):
        assert slope is not None, weight.path
    moved = [np.any(s != 0) for s, w in zip(slopes, weights, strict=True)
             if w.path.startswith("stitch_fc/")
             and w.path.rsplit("/", 1)[1] in ("alpha", "kernel")]  # fmt: skip
    assert moved == [True]
    one.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    for task, y in one(IMAGES).items():
        np.testing.assert_array_equal(again(IMAGES)[task], y)


def test_units_that_mix_nothing_are_the_same_network():
    """At the start, every unit is x̃ᵢ = Σⱼ αᵢⱼ xⱼ; only the α differ."""
    plain = {"normalization": False}
    found = [
        network({"unit": unit, "alpha": [1.0, 0.0]}, **plain) for unit in KINDS
    ]
    # NDDR's start is cross-stitch's for any α.
    found += [
        network({"unit": unit, "alpha": [0.7, 0.3]}, **plain)
        for unit in ("cross_stitch", "nddr")
    ]
    wanted = [one(IMAGES)["landmarks"] for one in found]
    for one, other in ((1, 0), (4, 3)):
        np.testing.assert_allclose(wanted[one], wanted[other], atol=1e-5)
    assert np.abs(wanted[3] - wanted[0]).max() > 1e-4
    own = network({"unit": "sluice", "alpha": [0.7, 0.3]}, **plain)
    assert np.abs(own(IMAGES)["landmarks"] - wanted[3]).max() > 1e-5


def test_a_network_without_a_unit_has_cross_stitch_units():
    """Files of earlier versions name none."""
    older = network({"stages": "all", "alpha": [0.8, 0.2]})
    named = network({"unit": "cross_stitch", "alpha": [0.8, 0.2]})
    assert "unit" not in older.get_config()["stitch"]
    for one, other in zip(older.weights, named.weights, strict=True):
        assert one.path == other.path
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("stitch", "message"),
    [
        ({"unit": "mmoe"}, r"model\.stitch\.unit in .*'sluice'.*'mmoe'"),
        ({"unit": "nddr", "per_channel": False}, r"per_channel = true.*'nddr'"),
        ({"unit": "sluice", "per_channel": False}, "per_channel.*'sluice'"),
        ({"unit": "nddr", "alpha": [[1.0, 0.0], [0.0, 1.0]]}, "own, other"),
        ({"unit": "sluice", "alpha": [[1.0, 0.0], [0.0, 1.0]]}, "4 x 4 matrix"),
    ],
)
def test_settings_that_a_unit_does_not_have_are_refused(stitch, message):
    with pytest.raises(InputError, match=message) as error:
        network(stitch)
    assert "\n" not in str(error.value)


def test_a_unit_without_a_cross_stitch_network_is_named():
    given = load_settings("split", settings=["model.stitch.unit=nddr"])
    assert unused_settings(given, (LANDMARKS, SMILE)) == [
        "model.stitch.unit: not used without model.architecture = "
        "'cross_stitch'."
    ]


def test_widths_of_sluice_networks_are_even():
    one = network({"unit": "sluice"}, width=0.19)  # conv2 has 9 elsewhere
    shapes = {x.name: x.output[0].shape[-1] for x in one.layers
              if x.name.startswith("conv")}  # fmt: skip
    assert shapes == {"conv1": 4, "conv2": 10, "conv3": 12, "conv4": 12}
    with pytest.raises(InputError, match=r"divide by 2 subspaces.*: 5"):
        network({"unit": "sluice"}, channels=[4, 5, 6, 6, 8])


def test_all_weights_of_a_unit_have_its_rate():
    one = network({"unit": "nddr", "stages": ["fc"]})
    train = replace(load_settings().train, warm_up=0.0, learning_rate=1e-3,
                    weight_decay=0.0)  # fmt: skip
    units = unit_paths(one)
    assert {x.rsplit("/", 1)[1] for x in units} == {
        *("kernel", "bias", "gamma", "beta")
    }
    kept = [w.path for w in one.trainable_weights]
    optimizer = build_optimizer(train, 1000, kept, 0.5, units)
    weights = one.trainable_weights
    before = [np.asarray(w) for w in weights]
    optimizer.apply([tf.ones(w.shape) for w in weights], weights)
    for weight, old in zip(weights, before, strict=True):
        step = 0.1 if weight.path in units else 5e-4  # kept: half the rate
        change = np.asarray(weight) - old
        np.testing.assert_allclose(change, -step, rtol=2e-3)


def test_what_units_share_is_recorded_and_reported():
    one = network({"unit": "nddr", "stages": ["fc"], "alpha": [0.8, 0.2]})
    unit = one.get_layer("stitch_fc")
    kernel = np.asarray(unit.kernel).copy()
    kernel[0, 3, 3] = 1.3  # of the first stream's channel 3 for itself
    unit.kernel.assign(kernel)
    logs = {}
    RecordSharing(one).on_epoch_end(0, logs)
    channels = kernel.shape[-1]
    assert logs["stitch_fc_own"] == pytest.approx(0.8 + 0.5 / (2 * channels))
    assert logs["stitch_fc_other"] == pytest.approx(0.2)
    alpha = np.asarray(alpha_of(one)["stitch_fc"])
    assert alpha.shape == (2, 2, channels)
    assert alpha[0, 0, 3] == pytest.approx(1.3)
    mixed = alpha_of(network({"unit": "sluice", "stages": ["fc"]}))
    assert np.shape(mixed["stitch_fc"]) == (4, 4, 1)


def test_the_cost_of_nddr_is_counted():
    """Per pixel: each of T streams multiplies T C channels by C kernels."""
    plain = {"normalization": False, "width": 0.2}
    without = multiply_adds(network({"stages": []}, **plain))
    stitch = {"unit": "nddr", "stages": ["fc"]}
    channels = 20
    more = multiply_adds(network(stitch, **plain)) - without
    assert more == pytest.approx(2 * 2 * channels**2, rel=0.03)
