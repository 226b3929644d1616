"""Where the streams of a `Twin` start: trained weights, seeds, files."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from facemtl.layers import (
    CrossStitch,
    ResidualBlock,
    Twin,
    WeightRegularization,
)

RNG = np.random.default_rng(0)
FLAT = RNG.normal(size=(16, 4)).astype("float32")
MAPS = RNG.normal(size=(4, 6, 6, 2)).astype("float32")


@keras.saving.register_keras_serializable(package="tests")
class WithoutBuild(layers.Layer):
    """A user's layer that leaves building to Keras."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(3)

    def call(self, inputs):
        return self.inner(inputs)


def nested():
    return keras.Sequential(
        [layers.Dense(3), layers.BatchNormalization(), WithoutBuild()]
    )


def with_input():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3)])


def functional():
    image = keras.Input((4,))
    return keras.Model(image, layers.Dense(3)(image))


TRAINED = {
    "dense": (lambda: layers.Dense(3), FLAT),
    "normalization": (lambda: layers.BatchNormalization(momentum=0.5), FLAT),
    "residual": (lambda: ResidualBlock(3), MAPS),
    "depthwise": (lambda: layers.DepthwiseConv2D(3), MAPS),
    "no build": (WithoutBuild, FLAT),
    "sequential": (nested, FLAT),
    "with input": (with_input, FLAT),
    "functional": (functional, FLAT),
    "recurrent": (lambda: layers.Bidirectional(layers.GRU(2)), MAPS[..., 0]),
}


def trained(make, inputs):
    """A layer that is no longer as it started, moving statistics included."""
    layer = make()
    layer(inputs, training=True)
    layer.set_weights([w + RNG.uniform(0.1, 1, w.shape) for w in layer.weights])
    return layer


@pytest.mark.parametrize("kind", TRAINED)
def test_a_trained_layer_is_taken_over_in_every_stream(kind):
    make, inputs = TRAINED[kind]
    layer = trained(make, inputs)
    twin = Twin(layer, streams=3)
    assert len(twin.trainable_weights) == 3 * len(layer.trainable_weights)
    for output in twin([inputs] * 3):
        np.testing.assert_array_equal(output, layer(inputs))
    # The streams go on apart, and the layer stays as it was.
    twin.copies[0].set_weights([0 * w for w in layer.get_weights()])
    np.testing.assert_array_equal(twin([inputs] * 3)[1], layer(inputs))


def test_an_adapted_layer_is_taken_over():
    layer = layers.Normalization()
    layer.adapt(3 + FLAT)
    for output in Twin(layer)([FLAT, FLAT]):
        np.testing.assert_array_equal(output, layer(FLAT))


def test_a_trained_layer_is_taken_over_where_fit_builds_the_model():
    class Streams(keras.Model):
        def __init__(self, layer):
            super().__init__()
            self.twin = Twin(layer)

        def call(self, inputs):
            one, other = self.twin((inputs, inputs))
            return one + other

    layer = trained(WithoutBuild, FLAT)
    model = Streams(layer)
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.fit(FLAT, np.zeros((16, 3)), verbose=0)
    np.testing.assert_allclose(model(FLAT), 2 * layer(FLAT), rtol=1e-6)


def test_streams_that_do_not_fit_trained_weights():
    twin = Twin(trained(lambda: layers.Dense(3), FLAT))
    with pytest.raises(ValueError, match="incompatible with the layer"):
        twin([FLAT[:, :3]] * 2)


def seeded(seed=1):
    uniform = keras.initializers.GlorotUniform(seed=seed)
    generator = keras.initializers.RandomNormal(
        seed=keras.random.SeedGenerator(seed)
    )
    return {
        "dense": layers.Dense(3, kernel_initializer=uniform),
        "generator": layers.Dense(3, kernel_initializer=generator),
        "nested": keras.Sequential(
            [
                layers.TimeDistributed(
                    layers.Dense(3, kernel_initializer=uniform)
                )
            ]
        ),
        "dropout": layers.Dropout(0.5, seed=seed),
        "deep dropout": keras.Sequential(
            [keras.Sequential([layers.Dropout(0.5, seed=seed)])]
        ),
    }


@pytest.mark.parametrize("kind", seeded())
def test_streams_of_a_seeded_layer_differ_and_are_the_same_again(kind):
    inputs = [FLAT.reshape(4, 4, 4)] * 3

    def streams(twin):
        return [np.asarray(y) for y in twin(inputs, training=True)]

    first = streams(Twin(seeded()[kind], 3))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert not np.array_equal(first[i], first[j])
    alone = seeded()[kind](inputs[0], training=True)
    np.testing.assert_array_equal(first[0], alone)
    for again in (
        Twin(seeded()[kind], 3),
        Twin.from_config(Twin(seeded()[kind], 3).get_config()),
    ):
        for one, other in zip(first, streams(again), strict=True):
            np.testing.assert_array_equal(one, other)
    other = streams(Twin(seeded(seed=2)[kind], 3))
    assert not np.array_equal(first[1], other[1])


@pytest.mark.parametrize("kind", TRAINED)
def test_a_clone_starts_anew_in_every_stream(kind, tmp_path):
    make, inputs = TRAINED[kind]
    place = keras.Input(inputs.shape[1:])
    model = keras.Model(place, Twin(make(), 3)([place] * 3))
    model.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras")
    assert len(read.weights) == len(model.weights)
    for one, other in zip(model(inputs), read(inputs), strict=True):
        np.testing.assert_array_equal(one, other)
    if kind == "normalization":  # which starts with ones and zeros
        return
    for clone in (
        keras.models.clone_model(model),
        keras.models.clone_model(read),
    ):
        one, other, third = (np.asarray(y) for y in clone(inputs))
        assert not np.array_equal(one, other)
        assert not np.array_equal(other, third)


def by_functional_model(twin, training):
    place = keras.Input(FLAT.shape[1:])
    model = keras.Model(place, twin((place, place)))
    return model(FLAT, training=training)


@pytest.mark.parametrize(
    "call",
    [lambda twin, on: twin([FLAT, FLAT], training=on), by_functional_model],
    ids=["eager", "functional"],
)
def test_training_reaches_dropout_and_normalization(call):
    block = keras.Sequential(
        [layers.Dropout(0.5), layers.BatchNormalization(momentum=0.5)]
    )
    twin = Twin(block)
    for output in call(twin, False):
        np.testing.assert_allclose(output, FLAT / np.sqrt(1.001), rtol=1e-5)
    for output in call(twin, True):
        np.testing.assert_allclose(np.mean(output, 0), 0, atol=1e-5)
        assert len(np.unique(output, axis=0)) > 1
    for copy in twin.copies:
        assert np.abs(copy.layers[1].moving_mean).max() > 0


def test_training_reaches_every_stream_beside_a_frozen_part():
    @keras.saving.register_keras_serializable(package="tests")
    class FrozenFirst(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.frozen = layers.BatchNormalization()
            self.dropout = layers.Dropout(0.5)

        def call(self, inputs):
            return self.frozen(self.dropout(inputs), training=False)

    for output in Twin(FrozenFirst())([np.ones((8, 8))] * 2, training=True):
        assert np.any(np.asarray(output) == 0)


def test_fit_trains_moving_statistics_and_evaluates_without_dropout():
    block = keras.Sequential([layers.BatchNormalization(), layers.Dropout(0.9)])
    place = keras.Input((4,))
    twin = Twin(block)
    model = keras.Model(place, layers.Add()(twin([place, place])))
    model.compile("sgd", "mse")
    model.fit(FLAT, FLAT, verbose=0)
    for copy in twin.copies:
        assert np.abs(copy.layers[0].moving_mean).max() > 0
    np.testing.assert_array_equal(
        model.predict(FLAT, verbose=0), model.predict(FLAT, verbose=0)
    )


@pytest.mark.parametrize("again", ["file", "clone", "config"])
def test_one_term_regularizes_several_twins(again, tmp_path):
    term = WeightRegularization("l2", factor=0.5)
    first, second = (
        Twin(layers.Dense(n), 2, term, name=f"fc{n}") for n in (3, 2)
    )
    place = keras.Input((4,))
    mixed = CrossStitch()(first((place, place)))
    model = keras.Model(place, layers.Add()(second(mixed)))
    assert first.weight_regularization is not second.weight_regularization
    paths = [w.path for w in model.weights if "map_a" in w.path]
    assert len(paths) == len(set(paths)) == 2
    model.compile("sgd", "mse")
    model.fit(FLAT, np.zeros((16, 2)), epochs=3, verbose=0)
    a = [x.weight_regularization.a.numpy() for x in (first, second)]
    assert a[0] != a[1]
    if again == "file":
        model.save(tmp_path / "model.keras")
        other = keras.saving.load_model(tmp_path / "model.keras")
    elif again == "clone":
        other = keras.models.clone_model(model)
    else:
        other = keras.Model.from_config(model.get_config())
    other.set_weights(model.get_weights())
    np.testing.assert_array_equal(other(FLAT), model(FLAT))
    model(FLAT)
    np.testing.assert_array_equal(other.losses, model.losses)
    assert len(model.losses) == 2


def test_a_term_serves_as_many_streams_as_it_was_built_for():
    term = WeightRegularization()
    term([[FLAT], [FLAT], [FLAT]])
    with pytest.raises(ValueError, match=r"3 pairs of streams.* Received: 1\."):
        Twin(layers.Dense(3), 2, term)([FLAT, FLAT])


# As written by the first version: with how the layer was built, and by which
# number it is found again.
OLD = """{"name": "fc", "trainable": true, "dtype": {"module": "keras",
"class_name": "DTypePolicy", "config": {"name": "float32"},
"registered_name": null}, "layer": {"module": "keras.layers",
"class_name": "Dense", "config": {"name": "fc", "units": 3,
"kernel_initializer": {"module": "keras.initializers",
"class_name": "GlorotUniform", "config": {"seed": 1},
"registered_name": null}}, "registered_name": null,
"build_config": {"input_shape": [null, 4]}, "shared_object_id": 7},
"streams": 2, "weight_regularization": {"module":
"facemtl.layers.weight_regularization", "class_name": "WeightRegularization",
"config": {"name": "keep_alike", "trainable": true, "dtype": "float32",
"form": "exp", "factor": 0.25, "linear_map": true, "normalize": false},
"registered_name": "facemtl>WeightRegularization", "build_config":
{"input_shape": [[[4, 3]], [[4, 3]]]}, "shared_object_id": 8}}"""


def test_reads_the_first_versions_configuration():
    twin = Twin.from_config(json.loads(OLD))
    one, other = twin([FLAT, FLAT])
    assert not np.array_equal(one, other)
    assert twin.weight_regularization.factor == 0.25
    assert len(twin.weights) == 7
    assert "build_config" not in json.dumps(twin.get_config())
