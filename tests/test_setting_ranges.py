"""Settings of no meaning: NaN, infinities, 10³⁰⁸, seeds that NumPy refuses."""

import pytest

from facemtl.config import load_config
from facemtl.errors import InputError
from facemtl.studies.study import load_study
from facemtl.tuning.space import load_space

BEYOND = (
    *(
        "train.seed=-1",
        "train.seed=9223372036854775808",
        "train.seed=4294967296",
    ),
    *("train.average=1.5", "train.average=1.0", "train.average=-0.1"),
    *("train.learning_rate=nan", "train.learning_rate=inf"),
    *("train.learning_rate=1e308", "train.learning_rate=-1.0"),
    *("train.epochs=0", "train.epochs=1000000000", "train.batch_size=0"),
    *("train.warm_up=1.5", "train.threads=-1", "train.threads=100000"),
    *("augment.rotation=360.0", "augment.shift=2.0", "data.margin=nan"),
    *("data.size=7", "data.size=100000", "data.faces=1000000000000"),
    *("data.train_share=1.5", "model.width=nan", "model.width=1e9"),
    *("model.stitch.alpha=[nan, 0.1]", "weighting.lambdas={ smile = inf }"),
    *("loss.scale=inf", "weighting.temperature=-inf"),
    "weighting.lambdas={ smile = 1e308 }",
    f"train.epochs={'9' * 400}",
    f"train.epochs={'9' * 5000}",
    f"train.epochs={'[' * 5000}",
    f"train.epochs={'[' * 100}{']' * 100}",
    f"{'a.' * 100_000}a=1",
    "train.epochs=5\nseed=3",
)


@pytest.mark.parametrize("setting", BEYOND, ids=[x[:40] for x in BEYOND])
def test_a_setting_of_no_meaning_is_refused_in_a_line(setting):
    with pytest.raises(InputError) as error:
        load_config(settings=[setting])
    assert len(str(error.value).splitlines()) == 1
    assert len(str(error.value)) < 2100


@pytest.mark.parametrize(
    "setting",
    [
        "train.seed=4294967295",
        "train.average=0.0",
        "train.average=0.9999",
        "augment.rotation=180.0",
        "train.learning_rate=1000.0",
        "data.margin=0.25",
    ],
)
def test_a_setting_at_its_limit_is_taken(setting):
    load_config(settings=[setting])


STUDY = """seeds = 2
[[variants]]
name = "one"
"""


@pytest.mark.parametrize(
    "text",
    [
        STUDY.replace("2", "1000000000"),
        "groups = [1]\n" + STUDY,
        'variants = ["one"]',
        'baselines = [["one"]]\n' + STUDY,
        STUDY + "each = { a = 5 }",
        STUDY.replace("one", "{}") + 'each = { "train.epochs" = 5 }',
        STUDY.replace("one", "{}") + 'each = { "train.epochs" = [] }',
        STUDY.replace("one", "{}")
        + f'each = {{ "train.epochs" = {list(range(1, 1500))} }}',
    ],
)
def test_a_study_of_a_wrong_shape_is_refused(text, tmp_path):
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(InputError):
        load_study(tmp_path / "study.toml")


RANGE = '[[hyperparameters]]\nkey = "train.learning_rate"\n'


@pytest.mark.parametrize(
    "text",
    [
        "hyperparameters = [1]",
        RANGE + "low = nan\nhigh = 1.0",
        RANGE + "low = 0.1\nhigh = inf",
        RANGE + "low = 0.1\nhigh = 1e308",
        RANGE + 'low = "a"\nhigh = "b"',
        RANGE + "choice = 5",
        RANGE + 'choice = "abc"',
        RANGE + "low = 1\nhigh = 5\nstep = 0",
        RANGE + "low = 1\nhigh = 5\nstep = -1",
        RANGE + "low = 0.1\nhigh = 1.0\nlog = 1",
        RANGE + "low = 0.1\nhigh = 1.0\nwhen = 5",
        RANGE + "low = 0.1\nhigh = 1.0\nwhen = { a = 5 }",
        RANGE + "low = 0.1\nhigh = 1.0\nscales = [1]",
        "[[hyperparameters]]\nkey = 5\nlow = 0\nhigh = 1",
        "settings = 5\n" + RANGE + "low = 0.1\nhigh = 1.0",
        RANGE + "low = 0.1\nhigh = 1.0\n[limits]\nparameters = nan",
    ],
)
def test_a_space_of_a_wrong_shape_is_refused(text, tmp_path):
    (tmp_path / "space.toml").write_text(text)
    with pytest.raises(InputError):
        load_space(tmp_path / "space.toml")
