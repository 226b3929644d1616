"""The private names of KerasTuner that facemtl uses.

No other module imports `keras_tuner.src`. `setup.py` allows only KerasTuner
1.4. `tests/test_private_names.py` reports which name is missing and what it is
needed for.
"""

from functools import cmp_to_key
from typing import Any

from keras_tuner.src import protos
from keras_tuner.src.distribute.oracle_chief import OracleServicer, exit_chief
from keras_tuner.src.distribute.oracle_client import OracleClient
from keras_tuner.src.engine import conditions
from keras_tuner.src.engine.base_tuner import BaseTuner
from keras_tuner.src.engine.trial import Trial, TrialStatus

__all__ = [
    "BaseTuner",
    "OracleClient",
    "OracleServicer",
    "Trial",
    "TrialStatus",
    "add_servicer",
    "exit_chief",
    "restore_grid",
    "silence_conditions",
]


def add_servicer(servicer: Any, server: Any) -> None:
    """Register an `OracleServicer` at a gRPC server."""
    protos.get_service_grpc().add_OracleServicer_to_server(servicer, server)


def silence_conditions() -> None:
    """Silence KerasTuner 1.4.8, which prints conditions sent over gRPC."""
    conditions.print = lambda *words: None


def restore_grid(oracle: Any) -> None:
    """Restore the order of a reloaded grid oracle's points.

    KerasTuner does not save the order of its trials and the queue of trials
    whose next point is due; without them, the search would stop after the first
    trial. All trials go into the queue; those whose next point exists are
    skipped.

    Args:
        oracle: a `GridSearchOracle` with loaded trials.
    """

    def compare(one: str, other: str) -> int:
        values = [
            oracle.trials[key].hyperparameters.values for key in (one, other)
        ]
        return oracle._compare(*values)

    before = None
    for trial_id in sorted(oracle.start_order, key=cmp_to_key(compare)):
        oracle._ordered_ids.insert(trial_id, before)
        before = trial_id
    oracle._populate_next = list(oracle.start_order)
