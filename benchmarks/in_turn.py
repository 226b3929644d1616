"""Time calls in turn, so that other load affects all of them equally."""

import time
from collections.abc import Callable, Mapping
from statistics import median


def in_turn(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
    warm_up: int = 1,
) -> dict[str, list[float]]:
    """Return milliseconds of each call, round by round.

    Args:
        calls: by name.
        rounds: number of timed calls each.
        clock: clock in seconds; `time.process_time` counts CPU time only.
        warm_up: number of rounds before the timed ones.
    """
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(warm_up + rounds):
        for name, call in calls.items():
            start = clock()
            call()
            spent[name].append(1000 * (clock() - start))
    return {name: times[warm_up:] for name, times in spent.items()}


def medians(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Return the median milliseconds of each call; see `in_turn`."""
    found = in_turn(calls, rounds, clock)
    return {name: median(times) for name, times in found.items()}
