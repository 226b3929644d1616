"""Distillation: what a teacher sees, what it teaches, and who can be one."""

import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import load_config, load_settings
from facemtl.data.faces import BadRows
from facemtl.data.sources import load_splits
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes.runtime import Runtime
from facemtl.models import FaceNetwork, load_model
from facemtl.pipeline.batches import training_batches
from facemtl.pipeline.crop_cache import CachePlan, crop_faces
from facemtl.pipeline.teacher import TEACHER, Teacher, build_teacher
from facemtl.settings import DistillationSettings
from facemtl.tasks import LANDMARKS, MTFL_TASKS, SMILE, Task
from facemtl.training.learner import Learner
from facemtl.training.losses import AttributeLoss, LandmarkLoss, ValueLoss
from facemtl.training.preparation import augment_border
from facemtl.training.runs import train
from facemtl.training.weighting import FixedWeighting

YAW = Task("yaw", "value", mirror=(-1,))
TASKS = (LANDMARKS, SMILE, YAW)
STILL = [
    "augment.mirror=false",
    *(f"augment.{x}=0" for x in ("shift", "scale", "rotation", "light")),
    *(f"augment.{x}=0" for x in ("blur", "occlusion")),
]


class Recorder(Runtime):
    """Answers the grey level of a crop's middle, and keeps what it saw."""

    def __init__(self, tasks=TASKS):
        super().__init__(tasks, CropSpec(20))
        self.seen = []

    def answer(self, crops):
        self.seen.append(crops)
        middle = crops[:, 10, 10, :] / 255  # (B, 1)
        return {
            task.name: np.broadcast_to(
                middle[..., None] if task.label_shape else middle,
                (len(crops), *(task.label_shape or (task.size,))),
            )
            for task in self.tasks
        }


@pytest.fixture(scope="module")
def drawn():
    """Crops of drawn faces, with room to move, and how they are augmented."""
    settings = load_settings(
        "base", settings=["data.source=synthetic", "data.faces=40"]
    )
    faces = load_splits(settings.data, BadRows()).train
    augment = settings.augment
    plan = CachePlan(CropSpec(40), augment_border(augment), scale=2)
    return crop_faces(faces, plan, verbose=0), augment


def test_the_teacher_sees_the_same_face_at_its_own_size(drawn):
    crops, augment = drawn
    n = len(crops.faces)
    network = Recorder(MTFL_TASKS)
    teacher = Teacher(network, MTFL_TASKS, CropSpec(40))
    batches = training_batches(crops, augment, n, 0, seed=3, teacher=teacher)
    ((x, y, _),) = batches
    (seen,) = network.seen
    assert seen.shape == (n, 20, 20, 1) and seen.dtype == np.uint8
    # Half the size: each of its pixels lies between four of the student's.
    halved = tf.nn.avg_pool2d(x, 2, 2, "VALID").numpy()
    assert np.abs(halved - seen).mean() < 6
    others = np.abs(np.roll(halved, 1, axis=0) - seen).mean()
    assert np.abs(halved - seen).mean() < others / 4
    assert set(y[TEACHER]) == {task.name for task in MTFL_TASKS}


def test_its_answers_have_the_shapes_of_labels(drawn):
    teacher = Teacher(Recorder(), TASKS, CropSpec(40))
    crops = tf.constant(np.full((3, 20, 20, 1), [51.0]), tf.float32)
    answers = teacher.predictions(crops)
    for task, shape in (("landmarks", (3, 5, 2)), ("smile", (3, 2))):
        np.testing.assert_allclose(answers[task], np.full(shape, 0.2), 1e-6)
    np.testing.assert_allclose(answers["yaw"], np.full(3, 0.2), rtol=1e-6)


def some_answers(rng, n=4):
    """Labels, or what a network or its teacher could answer, by task."""
    smile = rng.uniform(0.1, 0.9, n)
    answers = {
        "landmarks": rng.uniform(size=(n, 5, 2)),
        "smile": np.stack([1 - smile, smile], axis=1),
        "yaw": rng.normal(size=n),
    }
    return {k: x.astype("float32") for k, x in answers.items()}


def test_the_loss_is_the_mean_of_labels_and_teacher():
    """Against NumPy; a face without a label learns from the teacher alone."""
    network = FaceNetwork(TASKS, width=0.1)
    losses = {
        "landmarks": LandmarkLoss("l2", 0.1),
        "smile": AttributeLoss(),
        "yaw": ValueLoss(2.0),
    }
    weighting = FixedWeighting(list(losses))
    teacher = Teacher(Recorder(), TASKS, network.crop)
    learner = Learner(network, losses, weighting, teacher=teacher, share=0.25)
    rng = np.random.default_rng(0)
    y, told, p = (some_answers(rng) for _ in range(3))
    y["smile"] = np.zeros(4, "int32")
    weight = {task: np.ones(4, "float32") for task in y}
    weight["smile"] *= 0  # no face has this label
    answers = {**p, "yaw": p["yaw"][:, None]}

    def loss(labels):
        return float(learner.compute_loss(None, labels, answers, weight))

    def numbers(target):
        points = (target["landmarks"] - p["landmarks"]) / 0.1
        values = (target["yaw"] - p["yaw"]) / 2
        return 0.5 * np.mean(points**2) + 0.5 * np.mean(values**2)

    entropy = -np.mean(np.sum(told["smile"] * np.log(p["smile"]), axis=1))
    expected = 0.75 * numbers(y) + 0.25 * (numbers(told) + entropy)
    assert loss({**y, TEACHER: told}) == pytest.approx(expected, rel=1e-5)
    # At validation, there is no teacher.
    assert loss(y) == pytest.approx(numbers(y), rel=1e-5)


@pytest.mark.slow
def test_a_preset_teaches_a_small_network(tmp_path):
    """A run is the same again, and another one than without the teacher."""
    settings = [
        *("data.source=synthetic", "data.faces=100", "train.epochs=1"),
        *("model.width=0.25", "distillation.teacher=tiny"),
    ]
    words = {"verbose": 0, "test": False}
    config = load_config("single", settings=settings)
    report = train(config, tmp_path / "taught", **words)
    again = train(config, tmp_path / "again", **words)
    assert report["scores"] == again["scores"]
    other = load_config("single", settings=[*settings, "distillation.share=0"])
    alone = train(other, tmp_path / "alone", **words)
    assert alone["scores"] != report["scores"]


def test_a_teacher_of_a_smaller_margin_sees_its_own_part():
    """Its points come back in units of the student's window."""
    faces = synthetic_faces(6, seed=5)
    still = load_settings("tiny", settings=STILL).augment
    found = {}
    for margin in (0.0, 0.25):
        crop = CropSpec(margin=margin)
        teacher = Teacher(load_model("tiny"), MTFL_TASKS, crop)
        crops = crop_faces(faces, CachePlan(crop, 0.3, scale=2), verbose=0)
        batches = training_batches(crops, still, 6, 0, 0, teacher=teacher)
        ((_, y, _),) = batches
        found[margin] = {k: v.numpy() for k, v in y[TEACHER].items()}
    inner = (found[0.25]["landmarks"] - 0.5) * 1.5 + 0.5
    assert np.abs(inner - found[0.0]["landmarks"]).max() < 0.02
    assert np.abs(found[0.25]["gender"] - found[0.0]["gender"]).mean() < 0.05


def test_a_teacher_of_a_larger_margin_is_refused():
    wide = FaceNetwork(MTFL_TASKS, {"margin": 0.2}, width=0.1)
    with pytest.raises(InputError, match=r"at most data.margin = 0.1"):
        Teacher(wide, MTFL_TASKS, CropSpec(margin=0.1))


def refusal(settings, tasks=MTFL_TASKS, **crop):
    settings = DistillationSettings(**{"share": 0.5, **settings})
    with pytest.raises(InputError) as error:
        build_teacher(settings, tasks, CropSpec(**crop))
    return str(error.value)


def test_who_cannot_teach(tmp_path):
    assert "[0, 1]. Received: 2" in refusal({"teacher": "tiny", "share": 2})
    assert "preset, a .tflite" in refusal({"teacher": str(tmp_path)})
    none = refusal({"teacher": "none.tflite"})
    assert none == "Expected a file. Received: none.tflite"
    color = refusal({"teacher": "tiny"}, color="rgb")
    assert "data.color = 'rgb'" in color and "'gray'" in color
    assert "Received: ['landmarks'" in refusal({"teacher": "tiny"}, (YAW,))
    grin = Task("smile", "classes", ("no", "a_bit", "yes"))
    assert "'smile' is the student's" in refusal({"teacher": "tiny"}, (grin,))


def test_tasks_that_it_does_not_know_are_learned_from_labels():
    settings = DistillationSettings(teacher="tiny", share=0.5)
    teacher = build_teacher(settings, (LANDMARKS, YAW), CropSpec(32))
    assert teacher is not None and teacher.tasks == (LANDMARKS,)
    none = load_settings().distillation
    assert build_teacher(none, TASKS, CropSpec()) is None
