"""What a search takes from KerasTuner beside its public names is there.

KerasTuner promises none of it: a new version may leave out any. Each name has
here what stops working without it.
"""

import re
from importlib import import_module
from importlib.metadata import version
from inspect import getsource
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMES = {
    "keras_tuner.src.engine.trial.Trial": "trials that stop or idle a worker",
    "keras_tuner.src.engine.trial.TrialStatus": "the status of a trial",
    "keras_tuner.src.engine.base_tuner.BaseTuner": "running trials",
    "keras_tuner.src.engine.base_tuner.BaseTuner._is_worker": "heartbeats",
    "keras_tuner.src.engine.base_tuner.BaseTuner._get_tuner_fname": "--resume",
    "keras_tuner.src.distribute.oracle_client.OracleClient": "workers",
    "keras_tuner.src.distribute.oracle_chief.OracleServicer": "the chief",
    "keras_tuner.src.distribute.oracle_chief.exit_chief": "the chief's end",
    "keras_tuner.src.protos.get_service_grpc": "the chief's gRPC service",
}
# Of an oracle's own code: {name: what needs it}.
ORACLE = {
    "_compute_values_hash": "a search that begins at the default",
    "_get_oracle_fname": "a state that is whole at any moment",
    "_get_trial_dir": "trials that are whole at any moment",
    "_project_dir": "--resume",
    "_random_values": "[limits] of a space",
    "_retry_queue": "a trial again, after its worker was lost",
    "_run_times": "giving up a trial that loses its workers",
    "_tried_so_far": "no point twice",
    "end_order": "the order of finished trials",
    "ongoing_trials": "trials of lost workers",
    "start_order": "the order of trials",
    "tuner_ids": "the end of a search with workers",
}
OTHERS = {
    "GridSearchOracle": ("_compare", "_ordered_ids", "_populate_next"),
    "BayesianOptimizationOracle": ("_random_populate_space",),
}


def gone(name, needed_for):
    """What a failed test says."""
    return (
        f"KerasTuner {version('keras-tuner')} has no {name} any more, needed "
        f"for: {needed_for}. See tuning/private.py."
    )


def attribute(path):
    """The object at a dotted path, or None."""
    words = path.split(".")
    for n in range(len(words), 0, -1):
        try:
            found = import_module(".".join(words[:n]))
        except ImportError:
            continue
        for word in words[n:]:
            found = getattr(found, word, None)
        return found
    return None


@pytest.mark.parametrize("name", NAMES)
def test_a_private_name_is_there(name):
    assert attribute(name) is not None, gone(name, NAMES[name])


def test_conditions_print_still():
    """Else `silence_conditions` can go."""
    from keras_tuner.src.engine import conditions

    assert re.search(r"\bprint\(", getsource(conditions))


@pytest.mark.parametrize("name", ORACLE)
def test_an_oracle_has_what_is_used_of_it(name):
    from keras_tuner.src.engine import oracle

    assert name in getsource(oracle), gone(f"Oracle.{name}", ORACLE[name])


@pytest.mark.parametrize("kind", OTHERS)
def test_a_kind_of_oracle_has_what_is_used_of_it(kind):
    import keras_tuner
    from keras_tuner.src.engine import oracle

    own = getattr(keras_tuner.oracles, kind)
    text = getsource(import_module(own.__module__)) + getsource(oracle)
    for name in OTHERS[kind]:
        assert name in text, gone(f"{kind}.{name}", "its place in the search")


def test_one_module_alone_imports_private_ones():
    private = re.compile(r"^\s*(from|import) keras_tuner\.src", re.M)
    files = [*ROOT.glob("tuning/**/*.py"), *ROOT.glob("facemtl/**/*.py")]
    found = [x.name for x in files if private.search(x.read_text("utf-8"))]
    assert set(found) == {"private.py"}


def test_setup_allows_this_version_of_keras_tuner_alone():
    assert '"keras-tuner>=1.4.8,<1.5"' in (ROOT / "setup.py").read_text("utf-8")
