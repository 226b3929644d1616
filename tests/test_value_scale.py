"""Values in the user's unit: scales from labels, kept with the network."""

import keras
import numpy as np
import pytest

from facemtl.errors import InputError
from facemtl.models import FaceNetwork, load_model
from facemtl.models.value_scale import value_scale, value_scales
from facemtl.tasks import LANDMARKS, SMILE, Task
from facemtl.training.callbacks.stopping import TaskwiseStopping
from facemtl.training.losses import ValueLoss

AGE, YAW = Task("age", "value"), Task("yaw", "value", mirror=(-1,))
TASKS = (LANDMARKS, SMILE, AGE, YAW)
SCALES = {"age": (2000.5, 17.0), "yaw": (0.0, 25.0)}
RNG = np.random.default_rng(0)
CROPS = RNG.integers(0, 256, (6, 40, 40, 1)).astype("uint8")


def network(scales=None, **settings):
    """One whose values differ from face to face; equal weights each time."""
    keras.utils.set_random_seed(0)
    made = FaceNetwork(TASKS, width=0.25, value_scales=scales, **settings)
    for task in ("age", "yaw"):
        kernel = made.get_layer(task).kernel
        kernel.assign(np.linspace(-1, 1, kernel.shape[0])[:, None])
    return made


@pytest.mark.parametrize(
    ("labels", "shift", "scale"),
    [
        ([10.0, 20.0, 30.0], 20.0, 14.826),
        ([1985.0, 1995.0, 2005.0, np.nan], 1995.0, 14.826),
        # One wrong label of many moves neither.
        ([*range(81), 1975], 40.5, 1.4826 * 20.5),
        # Half of them equal: the standard deviation.
        ([0.0, 0.0, 0.0, 4.0], 0.0, 2.0),
        ([1975.3] * 7, 1975.3, 1.0),
        ([5.0], 5.0, 1.0),
        ([np.nan, np.nan], 0.0, 1.0),
        ([], 0.0, 1.0),
        ([1e-14, 2e-14, 3e-14], 2e-14, 1.4826e-14),
    ],
    ids=str,
)
def test_a_scale_is_the_median_and_a_robust_spread(labels, shift, scale):
    assert value_scale(AGE, np.array(labels)) == pytest.approx((shift, scale))


def test_a_value_that_a_mirror_negates_has_no_shift():
    assert value_scale(YAW, np.array([10.0, 30.0])) == pytest.approx(
        (0.0, 1.4826 * 20)
    )


def test_only_values_have_scales():
    labels = {"age": np.array([1.0, 2.0, 3.0]), "smile": np.array([0, 1, 1])}
    assert value_scales((SMILE, AGE), labels) == {"age": (2.0, 1.4826)}


def test_predictions_are_in_the_unit_of_the_labels():
    plain, scaled = network(), network(SCALES)
    one, other = (x.predict(CROPS, verbose=0) for x in (plain, scaled))
    assert list(one) == list(other)
    assert one["age"].std() > 0.01
    np.testing.assert_allclose(
        other["age"], 2000.5 + 17 * one["age"], rtol=1e-6
    )
    np.testing.assert_allclose(other["yaw"], 25 * one["yaw"], rtol=1e-5)
    for task in ("landmarks", "smile"):
        np.testing.assert_array_equal(one[task], other[task])


def test_an_untrained_network_predicts_the_median():
    made = FaceNetwork(TASKS, value_scales=SCALES)
    ages = made.predict(CROPS, verbose=0)["age"]
    assert np.abs(ages - 2000.5).max() < 17


def test_scales_are_saved_and_loaded(tmp_path):
    made = network(SCALES)
    made.save(tmp_path / "model.keras")
    read = load_model(tmp_path / "model.keras")
    assert read.value_scales == SCALES
    for task, y in made.predict(CROPS, verbose=0).items():
        np.testing.assert_array_equal(
            y, read.predict(CROPS, verbose=0)[task], err_msg=task
        )


def test_the_configuration_of_an_earlier_file_still_loads():
    made = network()
    config = made.get_config()
    del config["value_scales"], config["mirror_fault"]
    read = FaceNetwork.from_config(config)
    assert [x.name for x in read.layers] == [x.name for x in made.layers]
    assert "age_unit" not in [x.name for x in read.layers]
    read.set_weights(made.get_weights())
    np.testing.assert_array_equal(read(CROPS)["age"], made(CROPS)["age"])


def test_standardized_is_the_same_network_without_units():
    made = network(SCALES)
    plain = made.standardized().predict(CROPS, verbose=0)
    np.testing.assert_allclose(
        made.predict(CROPS, verbose=0)["age"],
        2000.5 + 17 * plain["age"],
        rtol=1e-6,
    )


def test_the_mean_with_the_mirror_image_is_in_units_too():
    made = network(SCALES)
    mean = made.with_mirror().predict(CROPS, verbose=0)
    one = made.predict(CROPS, verbose=0)
    other = made.predict(CROPS[:, :, ::-1].copy(), verbose=0)
    np.testing.assert_allclose(
        mean["age"], (one["age"] + other["age"]) / 2, rtol=1e-6
    )
    np.testing.assert_allclose(
        mean["yaw"], (one["yaw"] - other["yaw"]) / 2, atol=1e-4
    )


def test_a_stopped_task_gets_the_head_that_has_weights():
    stopping = object.__new__(TaskwiseStopping)
    stopping.network = network(SCALES)
    assert stopping._head("age").name == "age"
    assert len(stopping._head("age").get_weights()) == 2


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ({"smile": (0, 1)}, "of ['age', 'yaw']. Received: smile = (0, 1)"),
        ({"age": (0, 0)}, "(shift, scale > 0)} of"),
        ({"age": (0, -1)}, "Received: age = (0, -1)"),
        ({"age": 3}, "Received: age = 3"),
        ({"age": (np.nan, 1)}, "Received: age = (nan, 1)"),
        ({"age": ("0", "1")}, "Received: age = ('0', '1')"),
        ({"yaw": (3, 1)}, "shift of 0 for 'yaw', which a mirror image negates"),
        ([1], "Expected value_scales as a dictionary"),
    ],
    ids=str,
)
def test_other_scales_are_refused_in_one_line(scales, message):
    with pytest.raises(InputError) as error:
        FaceNetwork(TASKS, width=0.1, value_scales=scales)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_one_wrong_label_pulls_no_harder_than_two_units():
    """The gradient of a birth year among ages is that of any far label."""
    loss, label = ValueLoss(20.0), np.array([1975.0], "float32")

    def slope(at):
        a, b = (
            float(loss(label, np.array([[x]], "float32")))
            for x in (at - 1, at + 1)
        )
        return (b - a) / 2

    assert slope(40.0) == pytest.approx(-2 / 20, rel=1e-2)
    assert slope(1900.0) == pytest.approx(-2 / 20, rel=1e-2)
    assert slope(1965.0) == pytest.approx(-0.5 / 20, rel=1e-2)


def test_the_configuration_of_an_earlier_loss_loads():
    config = {"name": "value_loss", "reduction": "mean", "scale": 3.0}
    assert ValueLoss.from_config(config).scale == 3.0
