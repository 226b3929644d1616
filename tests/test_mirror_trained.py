"""Points named left and right without a rule are trained without a loss."""

import pytest

from facemtl.config import load_config
from facemtl.errors import InputError
from facemtl.models import load_model
from facemtl.training.runs import train
from tests.value_case import write_ages, write_tasks

pytestmark = pytest.mark.slow
SETTINGS = [
    *('model.tasks=["landmarks"]', "train.epochs=14", "model.width=0.5"),
    "train.learning_rate=0.01",
]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_ages(tmp_path_factory.mktemp("mirror"), "ages")


def test_no_rule_costs_no_points(source, tmp_path, capsys):
    """With mirror images of left eyes as left eyes: 18.2 instead of 8.7 %."""
    errors = {}
    settings = [*SETTINGS, f"data.source={source}"]
    for ruled in (True, False):
        write_tasks(source.with_name("tasks.toml"), "landmarks", ruled)
        config = load_config("split", settings=settings)
        report = train(config, tmp_path / f"ruled {ruled}", verbose=2)
        points = report["scores"]["validation"]["landmarks"]
        errors[ruled] = points["mean_error_box"]
        said = "augment.mirror: off for this run. Task 'landmarks'"
        assert (said in capsys.readouterr().out) != ruled
        assert report["learned"]["landmarks"]
    assert errors[False] < 1.15 * errors[True]
    assert load_model(tmp_path / "ruled True").mirror_fault == ""
    unruled = load_model(tmp_path / "ruled False")
    assert unruled.mirror_fault.startswith("Task 'landmarks': its mirror rule")
    with pytest.raises(InputError, match="write in its"):
        unruled.with_mirror()
