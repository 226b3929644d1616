"""What facemtl takes from KerasTuner beside its public names.

No other module imports `keras_tuner.src`. `setup.py` allows KerasTuner 1.4
alone, and `tests/test_private_names.py` says which name is gone, and what for
it was needed.
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
    """Let a gRPC server answer with an `OracleServicer`."""
    protos.get_service_grpc().add_OracleServicer_to_server(servicer, server)


def silence_conditions() -> None:
    """KerasTuner 1.4.8 prints each condition that it sends over gRPC."""
    conditions.print = lambda *words: None


def restore_grid(oracle: Any) -> None:
    """Put a reloaded grid oracle's points in order again.

    Its list of trials in the grid's order and its queue of trials whose next
    point is to be tried are not in its state; without them it would stop
    after the first trial. All trials go into the queue: those whose next
    point is there already are passed over.

    Args:
        oracle: a `GridSearchOracle` whose trials are loaded.
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
