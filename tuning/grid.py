"""Where a grid search was: KerasTuner does not write it down."""

from functools import cmp_to_key
from typing import Any


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
