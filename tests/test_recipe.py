"""A recipe fitted to the data: λ, the crop's margin, and their lines."""

from dataclasses import replace

import numpy as np
import pytest

from facemtl.config import load_settings
from facemtl.data.recipe import fit_recipe, without_absent
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.pipeline.teacher import build_teacher
from facemtl.settings import DistillationSettings
from facemtl.tasks import GENDER, LANDMARKS, MTFL_TASKS, SMILE, Task
from facemtl.training.preparation import chosen_tasks, crop_spec, wanted_tasks

AGE = Task("age", "value")


def faces_beyond(distance, share):
    """100 faces of which a share of the points lies beyond the box.

    Args:
        distance: in sides of the box.
        share: of the points.
    """
    faces = synthetic_faces(100)
    left, top, right, bottom = faces.boxes.T
    points = np.repeat(faces.boxes[:, None, :2], 5, axis=1)
    points[:, :, 0] += (right - left)[:, None] / 2
    points[:, :, 1] += (bottom - top)[:, None] / 2
    order = np.random.default_rng(0).permutation(500)[: round(500 * share)]
    face, point = np.unravel_index(order, (100, 5))
    side = np.maximum(right - left, bottom - top)[face]
    middle = (top + bottom)[face] / 2
    points[face, point, 1] = middle + (0.5 + distance) * side
    return replace(faces, labels={**faces.labels, "landmarks": points})


def fitted_margin(faces, *settings, preset="base"):
    config = load_settings(preset, settings=settings)
    fitted, lines = fit_recipe(config, faces, MTFL_TASKS)
    assert config == load_settings(preset, settings=settings)
    return fitted.data.margin, lines


def test_heat_maps_reach_the_points():
    margin, (line,) = fitted_margin(faces_beyond(0.18, 0.2))
    assert margin == 0.2
    assert line == (
        "data.margin: 0.2, since heat maps do not reach beyond the crop, and "
        "without a margin 20.0 % of the training points lie there."
    )


def test_a_margin_that_is_given_stays_and_is_remarked_on():
    faces = faces_beyond(0.18, 0.2)
    margin, (line,) = fitted_margin(faces, "data.margin=0.1")
    assert margin == 0.1
    assert line == (
        "data.margin: with 0.1, 20.0 % of the training points lie beyond the "
        "crop, where heat maps do not reach; with 0.2, at most 1 % "
        "(--set data.margin=0.2)."
    )
    assert fitted_margin(faces, "data.margin=0.2") == (0.2, [])


@pytest.mark.parametrize(
    ("share", "settings"),
    [
        (0.0, ()),
        (0.01, ()),
        (0.2, ("model.landmarks=dense",)),  # may say any number
    ],
)
def test_no_margin_where_none_is_needed(share, settings):
    assert fitted_margin(faces_beyond(0.18, share), *settings) == (0.0, [])


def test_attributes_need_no_margin():
    config = load_settings("base")
    faces = faces_beyond(0.18, 0.2)
    fitted, _ = fit_recipe(config, faces, (SMILE,))
    assert fitted.data.margin == 0.0


def test_a_configuration_builds_before_the_data_are_known():
    assert crop_spec(load_settings("base").data) == CropSpec()
    wide = load_settings(settings=["data.margin=1"])
    assert crop_spec(wide.data).margin == 1.0
    with pytest.raises(InputError) as error:
        load_settings(settings=["data.margin=wide"])
    assert str(error.value) == (
        "--set: 'data.margin': expected 'auto' or a number. Received: 'wide'."
    )


def test_missing_points_are_not_asked_for_a_margin():
    faces = faces_beyond(0.18, 0.2)
    assert fitted_margin(faces)[0] == 0.2
    points = faces.labels["landmarks"]
    bottom = faces.boxes[:, 3]
    far = points[..., 1] > bottom[:, None]
    points[far] = np.nan
    points[:3] = np.nan
    assert fitted_margin(faces) == (0.0, [])
    # y without x is no point.
    points[5, 2] = [np.nan, bottom[5] + 50]
    assert fitted_margin(faces) == (0.0, [])


def test_points_that_no_training_face_has_are_named():
    faces = synthetic_faces(6)
    points = faces.labels["landmarks"].copy()
    points[:, [0, 2]] = np.nan
    some = replace(faces, labels={**faces.labels, "landmarks": points})
    line = "landmarks: no training face has a label of {}; predictions of "
    line += "these points are meaningless."
    # Mirror images teach the left eye by the right one.
    _, lines = fit_recipe(load_settings("split"), some, some.tasks)
    assert lines == [line.format("nose")]
    plain = load_settings("split", settings=["augment.mirror=false"])
    _, lines = fit_recipe(plain, some, some.tasks)
    assert lines == [line.format("left eye, nose")]
    assert fit_recipe(plain, some, (SMILE,))[1] == []
    # A rule that does not fit the names switches mirror images off.
    wrong = Task("landmarks", "landmarks", LANDMARKS.names, (3, 4, 2, 0, 1))
    unruly = replace(some, tasks=(wrong,))
    _, lines = fit_recipe(load_settings("split"), unruly, (wrong,))
    assert lines[0] == line.format("left eye, nose")
    assert lines[1].startswith("augment.mirror: off for this run. ")
    assert fit_recipe(plain, faces, faces.tasks)[1] == []


def test_lambdas_of_other_data_are_left_out():
    config = load_settings("base", settings=["weighting.lambdas.age=3"])
    fitted, lines = fit_recipe(config, synthetic_faces(4), (LANDMARKS, SMILE))
    # Nobody knows `age`: whoever builds the weighting says so.
    assert fitted.weighting.lambdas == {"smile": 2.0, "age": 3}
    assert lines == [
        "weighting.lambdas: gender, glasses, pose are not among the tasks of "
        "this run; left out."
    ]


def test_a_task_that_the_data_declare_is_known():
    kept, line = without_absent("data.repeat", {"age": 2}, (SMILE,), (AGE,))
    assert kept == {}
    assert line == (
        "data.repeat: age is not among the tasks of this run; left out."
    )
    assert without_absent("data.repeat", {"age": 2}, (SMILE,))[0] == {"age": 2}


@pytest.mark.parametrize(
    ("tasks", "names", "architecture", "wanted"),
    [
        (MTFL_TASKS, [], "split", MTFL_TASKS),
        (MTFL_TASKS, [], "single", (LANDMARKS,)),
        (MTFL_TASKS, ["smile"], "single", (SMILE,)),
        ((SMILE,), [], "single", (SMILE,)),
        # One of them is for the user to name.
        ((SMILE, GENDER), [], "single", (SMILE, GENDER)),
        (MTFL_TASKS, ["smile", "landmarks"], "split", (SMILE, LANDMARKS)),
    ],
)
def test_wanted_tasks(tasks, names, architecture, wanted):
    assert wanted_tasks(tasks, names, architecture) == tuple(wanted)


def test_tasks_without_a_label_are_not_chosen():
    faces = synthetic_faces(4)
    hidden = {**faces.labels, "landmarks": np.full((4, 5, 2), np.nan)}
    hidden["pose"] = np.full(4, -1, np.int32)
    some = replace(faces, labels=hidden)
    names = [task.name for task in chosen_tasks(some, [], "split")]
    assert names == ["smile", "gender", "glasses"]
    hidden["landmarks"][3, 1] = 7.0  # one point
    names = [task.name for task in chosen_tasks(some, [], "split")]
    assert names == ["landmarks", "smile", "gender", "glasses"]


def test_a_teacher_of_other_points_is_refused_in_a_short_line():
    many = Task("landmarks", "landmarks", tuple(f"p{i}" for i in range(68)))
    settings = DistillationSettings(teacher="tiny", share=0.5)
    with pytest.raises(InputError) as error:
        build_teacher(settings, (many,), CropSpec())
    assert str(error.value) == (
        "Expected a distillation.teacher whose 'landmarks' is the student's, "
        "with names p0, p1, p2, … (68). Received: names left eye, right eye, "
        "nose, … (5). To learn from labels alone: --set distillation.teacher=."
    )
