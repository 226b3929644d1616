"""The networks: answers, gradients, files, settings that do not fit."""

import json
import sys

import forked
import keras
import numpy as np
import pytest
import tensorflow as tf

from facemtl.layers import CrossStitch
from facemtl.models import ARCHITECTURES, FaceNetwork, load_model
from facemtl.tasks import (
    GENDER,
    GLASSES,
    LANDMARKS,
    MTFL_TASKS,
    POSE,
    SMILE,
    Task,
)
from facemtl.training.losses import AttributeLoss, LandmarkLoss, ValueLoss

BLOCKS = ("tcdcn", "sun", "residual", "depthwise")
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (4, 40, 40, 1), np.uint8)
OWN = (
    Task("ears", "landmarks", ("left ear", "right ear", "chin"), (1, 0, 2)),
    Task("mood", "classes", ("glad", "sad", "cross")),
    Task("yaw", "value", mirror=(-1,)),
)


def network(architecture, blocks="tcdcn", tasks=None, **settings):
    """A narrow network of the default tasks."""
    tasks = tasks or ((LANDMARKS,) if architecture == "single" else MTFL_TASKS)
    settings = {"width": 0.1, **settings}
    return FaceNetwork(
        tasks, architecture=architecture, blocks=blocks, **settings
    )


@pytest.fixture(autouse=True)
def _seeded_weights():
    keras.utils.set_random_seed(0)


@pytest.fixture(scope="module")
def networks():
    """All architectures and blocks, with weights unlike the start's."""
    keras.utils.set_random_seed(0)
    made = {}
    for architecture, blocks in ALL:
        one = network(
            architecture,
            blocks,
            weight_regularization={"form": "exp", "layers": "all"}
            if architecture == "cross_stitch"
            else None,
            # MTAN has layers for each task, which take long to build.
            tasks=(LANDMARKS, SMILE) if architecture == "mtan" else None,
        )
        for weight in one.weights:
            change = RNG.uniform(0, 0.1, weight.shape)
            weight.assign(weight + change)
        made[architecture, blocks] = one
    return made


ALL = [
    *((a, b) for a in ("split", "cross_stitch") for b in BLOCKS),
    *(("single", "tcdcn"), ("single", "residual")),
    *(("mtan", "depthwise"), ("mmoe", "sun")),
]
assert {architecture for architecture, _ in ALL} == set(ARCHITECTURES)
every_network = pytest.mark.parametrize(
    "which", ALL, ids=["-".join(which) for which in ALL]
)


@every_network
def test_answers(networks, which):
    one = networks[which]
    answers = one(IMAGES)
    assert set(answers) == {task.name for task in one.tasks}
    for task in one.tasks:
        answer = np.asarray(answers[task.name])
        assert answer.dtype == "float32"
        assert np.isfinite(answer).all()
        if task.kind == "landmarks":
            assert answer.shape == (4, 5, 2)
        else:
            assert answer.shape == (4, task.size)
            np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=1e-5)
            assert answer.min() >= 0
    assert {layer.name for layer in one.layers} >= set(answers)


def gradients(one, images=IMAGES):
    """{weight path: gradient} of all tasks' losses at random labels."""
    rng = np.random.default_rng(1)
    n = len(images)
    with tf.GradientTape() as tape:
        answers = one(images, training=True)
        total = tf.add_n(one.losses or [tf.zeros(())])
        for task in one.tasks:
            answer = answers[task.name]
            if task.kind == "landmarks":
                label = rng.uniform(size=answer.shape).astype("float32")
                total += LandmarkLoss()(label, answer)
            elif task.kind == "classes":
                label = rng.integers(0, task.size, n)
                total += AttributeLoss()(label, answer)
            else:
                total += ValueLoss()(rng.normal(size=n), answer)
    weights = one.trainable_weights
    found = tape.gradient(total, [weight.value for weight in weights])
    return {w.path: g for w, g in zip(weights, found, strict=True)}


@every_network
def test_every_weight_gets_a_gradient(networks, which):
    found = gradients(networks[which])
    assert found
    for path, gradient in found.items():
        assert gradient is not None, path
        assert np.isfinite(gradient).all(), path
        assert np.any(gradient), path


@every_network
def test_config_round_trip(networks, which):
    one = networks[which]
    config = json.loads(json.dumps(one.get_config()))
    again = FaceNetwork.from_config(config)
    assert again.get_config() == one.get_config()
    assert again.tasks == one.tasks
    assert again.crop == one.crop
    shapes = [(w.path, w.shape) for w in one.weights]
    assert [(w.path, w.shape) for w in again.weights] == shapes


@every_network
def test_bytes_and_floats_are_the_same(networks, which):
    bytes_in = networks[which](IMAGES)
    floats_in = networks[which](IMAGES.astype("float32"))
    for task, answer in bytes_in.items():
        np.testing.assert_array_equal(answer, floats_in[task])


LOADING = """
import sys
import numpy as np
import facemtl
with np.load(sys.argv[1] + "/answers.npz") as kept:
    for name in kept["names"]:
        network = facemtl.load_model(f"{sys.argv[1]}/{name}.keras")
        for task, answer in network(kept["images"]).items():
            same = kept[f"{name} {task}"]
            np.testing.assert_array_equal(answer, same, err_msg=name)
        print(name, len(network.tasks), network.crop.size)
"""


@pytest.mark.slow
def test_a_saved_network_answers_alike_in_a_new_process(networks, tmp_path):
    arrays = {"images": IMAGES}
    names = []
    for which, one in networks.items():
        name = "-".join(which)
        names.append(name)
        one.save(tmp_path / f"{name}.keras")
        for task, answer in one(IMAGES).items():
            arrays[f"{name} {task}"] = np.asarray(answer)
    np.savez(tmp_path / "answers.npz", names=names, **arrays)
    done = forked.run([sys.executable, "-c", LOADING, tmp_path])
    assert done.returncode == 0, done.stderr[-2000:]
    expected = [
        f"{name} {len(one.tasks)} 40"
        for name, one in zip(names, networks.values(), strict=True)
    ]
    assert done.stdout.splitlines() == expected


def test_pixels_are_scaled_from_minus_one_to_one():
    one = network("single")
    scale = one.get_layer("scale")
    grey = np.array([0, 127.5, 255]).reshape(3, 1, 1, 1)
    np.testing.assert_allclose(np.ravel(scale(grey)), [-1, 0, 1], atol=1e-6)


def test_landmarks_start_at_the_centre():
    answer = FaceNetwork((LANDMARKS,), architecture="single")(IMAGES)
    np.testing.assert_allclose(answer["landmarks"], 0.5, atol=0.2)
    assert not np.all(np.asarray(answer["landmarks"]) == 0.5)


@pytest.mark.parametrize("blocks", BLOCKS)
@pytest.mark.parametrize(("size", "color"), [(64, "rgb"), (33, "gray")])
def test_other_sizes_and_colors(blocks, size, color):
    crop = {"size": size, "color": color, "margin": 0.1}
    one = network("single", blocks, crop=crop)
    channels = 3 if color == "rgb" else 1
    assert one.input_shape == (None, size, size, channels)
    images = RNG.integers(0, 256, (2, size, size, channels), np.uint8)
    assert one(images)["landmarks"].shape == (2, 5, 2)
    assert one.crop.to_dict() == crop


def test_own_tasks_and_three_streams(tmp_path):
    one = network(
        "cross_stitch",
        tasks=OWN,
        streams=[["yaw"], ["ears"], ["mood"]],
        weight_regularization={"form": "l2", "layers": ["conv1", "fc"]},
    )
    answers = one(IMAGES)
    shapes = {task: tuple(answer.shape) for task, answer in answers.items()}
    assert shapes == {"ears": (4, 3, 2), "mood": (4, 3), "yaw": (4, 1)}
    units = [x for x in one.layers if isinstance(x, CrossStitch)]
    assert {unit.alpha.shape[:2] for unit in units} == {(3, 3)}
    assert len(one.losses) == 2
    one.save(tmp_path / "model.keras")
    again = load_model(tmp_path)
    assert again.tasks == OWN
    for task, answer in again(IMAGES).items():
        np.testing.assert_array_equal(answer, answers[task])
    assert all(np.any(gradient) for gradient in gradients(one).values())


@pytest.mark.parametrize("task", [*MTFL_TASKS, OWN[2]], ids=lambda t: t.name)
def test_each_task_alone(task):
    answers = network("single", tasks=(task,))(IMAGES)
    shape = {"landmarks": (5, 2), "classes": (task.size,), "value": (1,)}
    assert tuple(answers[task.name].shape) == (4, *shape[task.kind])


def test_any_subset_of_the_attributes():
    for attributes in ((SMILE,), (POSE, GLASSES), (GENDER, SMILE, POSE)):
        one = network("split", tasks=(LANDMARKS, *attributes))
        assert len(one(IMAGES)) == 1 + len(attributes)


@pytest.mark.parametrize(
    ("architecture", "blocks"),
    [
        ("split", "depthwise"),
        ("cross_stitch", "residual"),
        ("mtan", "tcdcn"),
        ("mmoe", "tcdcn"),
    ],
)
def test_mixed_precision_answers_in_float32(architecture, blocks):
    keras.config.set_dtype_policy("mixed_bfloat16")  # conftest puts it back
    one = network(architecture, blocks, tasks=(LANDMARKS, SMILE))
    tower = next(x for x in one.layers if x.name in ("conv1", "conv2"))
    tower = getattr(tower, "copies", [tower])[0]
    assert tower.compute_dtype == "bfloat16"
    answers = one(IMAGES)
    for answer in answers.values():
        assert answer.dtype == "float32"
        assert np.isfinite(answer).all()
        # Computed in float32, not only cast to it.
        rounded = tf.cast(tf.cast(answer, "bfloat16"), "float32")
        assert np.any(answer != rounded)
    assert {weight.dtype for weight in one.weights} == {"float32"}
    classes = [answers[t.name] for t in one.tasks if t.kind == "classes"]
    for answer in classes:
        # Not rounded to the three digits of bfloat16.
        np.testing.assert_allclose(np.sum(answer, axis=1), 1, rtol=1e-5)


# What does not fit
