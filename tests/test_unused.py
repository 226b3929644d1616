"""Settings that were changed for nothing are named in a line."""

import pytest

from facemtl.config import default_config, load_settings
from facemtl.dotted_names import flat
from facemtl.tasks import LANDMARKS, MTFL_TASKS, SMILE
from facemtl.training.unused import RULES, unused_settings

CASES = {
    "model.stitch.alpha=[0.5, 0.5]": "model.architecture = 'cross_stitch'",
    "model.streams=[['smile']]": "model.architecture = 'cross_stitch'",
    "model.experts=3": "model.architecture = 'mmoe'",
    "train.alone_epochs=2": "model.architecture = 'cross_stitch'",
    "train.stitch_rate=3": "cross-stitch units",
    "model.weight_regularization.form=l2": "model.architecture = "
    "'cross_stitch'",
    "model.weight_regularization.factor=0.1": "a form of "
    "model.weight_regularization",
    "train.lambda_w_warm_up=0.5": "a form of model.weight_regularization",
    "augment.saturation=0.5": "data.color = 'rgb'",
    "distillation.share=0.7": "distillation.teacher or start.keep",
    "start.rate=0.3": "start.network",
    "stopping.window=3": "stopping.method = 'tcdcn'",
    "stopping.threshold=0.3": "stopping.method = 'threshold'",
    "stopping.restore_best=false": "a stopping.method",
}


@pytest.mark.parametrize("setting", CASES)
def test_a_setting_of_no_effect_is_named_once(setting):
    given = load_settings("split", settings=[setting])
    name = setting.partition("=")[0]
    assert unused_settings(given, MTFL_TASKS) == [
        f"{name}: not used without {CASES[setting]}."
    ]


@pytest.mark.parametrize(
    "settings",
    [
        [],
        ["model.architecture=cross_stitch", "train.stitch_rate=3"],
        ["stopping.method=tcdcn", "stopping.window=3"],
        ["data.color=rgb", "augment.saturation=0.5"],
    ],
    ids=["defaults", "units", "stopping", "color"],
)
def test_settings_that_are_used_are_not_named(settings):
    given = load_settings("split", settings=settings)
    assert unused_settings(given, MTFL_TASKS) == []


def test_settings_of_other_kinds_of_tasks():
    given = load_settings("base")
    assert unused_settings(given, MTFL_TASKS) == []
    assert unused_settings(given, (LANDMARKS,)) == [
        "loss.class_balance: not used without a task of classes."
    ]
    assert unused_settings(given, (SMILE,)) == [
        "model.landmarks, loss.scale: not used without a task of points."
    ]


def test_rules_name_settings_that_exist():
    names = flat(default_config())
    for rule in RULES:
        for start in rule.settings:
            assert any(name.startswith(start) for name in names), start
