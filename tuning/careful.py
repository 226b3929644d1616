"""What a long search needs of KerasTuner's oracles."""

import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras_tuner

from facemtl.files.kept import read_kept, read_object
from facemtl.files.places import remove_parts
from facemtl.files.writing import write_json
from facemtl.tuning.private import Trial, TrialStatus
from facemtl.tuning.project import DAMAGED, ORACLE

DRAWS = 50  # points that may miss the limits before the search gives up
FAILURES = 5  # of all trials so far: then something else is wrong
LOSSES = 3  # of a trial with its worker
OVER = (TrialStatus.COMPLETED, TrialStatus.FAILED)


class Careful:
    """A mixin of KerasTuner's oracles.

    Its files are whole at any moment, a reloaded search has lost nothing, no
    point beyond the limits is tried, failed trials count as bad ones, and it
    ends at a time limit or when every trial fails.

    Attributes:
        within_limits: whether a point {name: value} may be tried.
        start: the first point {name: value} of a search that draws its points;
            empty to draw that one, too.
        deadline: on the clock `time.monotonic`; no trial begins after it.
        on_end: called with the oracle and each trial that ends.
    """

    within_limits: Callable[[dict[str, Any]], bool] = staticmethod(
        lambda values: True
    )
    start: Mapping[str, Any] = MappingProxyType({})
    deadline = float("inf")
    on_end: Callable[[Any, Trial], None] = staticmethod(lambda oracle, x: None)

    def end_reason(self: Any) -> str:
        """Why no more trials begin; empty while they do."""
        if time.monotonic() > self.deadline:
            return "the time is over"
        ended = [self.trials[key] for key in self.end_order]
        failed = all(trial.status == TrialStatus.FAILED for trial in ended)
        return "every trial failed" if len(ended) >= FAILURES and failed else ""

    def create_trial(self: Any, tuner_id: str) -> Trial:
        """A trial to run, or one that says to stop or to wait."""
        if tuner_id in self.ongoing_trials:
            return self.ongoing_trials[tuner_id]
        if self.end_reason():
            self.tuner_ids.discard(tuner_id)
            return Trial(self.get_space(), status=TrialStatus.STOPPED)
        if self._others_may_need():
            return Trial(self.get_space(), status=TrialStatus.IDLE)
        return super().create_trial(tuner_id)  # type: ignore[misc]

    def _others_may_need(self: Any) -> bool:
        """Whether only others' trials are left: they may lose their worker."""
        full = len(self.trials) >= self.max_trials and not self._retry_queue
        return full and bool(self.ongoing_trials)

    def populate_space(self: Any, trial_id: str) -> dict[str, Any]:
        """The next point; to the algorithm, failed trials are the worst ones.

        Hyperband's rounds would never be full without them, and the Gaussian
        process would ask for them again.
        """
        worst = max(
            (x.score for x in self.trials.values() if x.score), default=0
        )
        failed = [
            x for x in self.trials.values() if x.status == TrialStatus.FAILED
        ]
        for trial in failed:
            trial.status, trial.score = TrialStatus.COMPLETED, worst
        try:
            with warnings.catch_warnings():
                # The Gaussian process warns of each fit that could be closer.
                warnings.simplefilter("ignore")
                return super().populate_space(trial_id)  # type: ignore[misc]
        finally:
            for trial in failed:
                trial.status, trial.score = TrialStatus.FAILED, None

    def _random_values(self: Any) -> dict[str, Any] | None:
        if self.start and not self.trials and self.within_limits(self.start):
            self._tried_so_far.add(self._compute_values_hash(self.start))
            return dict(self.start)
        for _ in range(DRAWS):
            values = super()._random_values()  # type: ignore[misc]
            if values is None or self.within_limits(values):
                return values
        return None

    def end_trial(self: Any, trial: Trial) -> None:
        """Keep what a trial gave."""
        super().end_trial(trial)  # type: ignore[misc]
        self.on_end(self, self.trials[trial.trial_id])

    def give_up(self: Any, tuner_id: str) -> None:
        """A worker is gone: another one takes its trial, a few times."""
        _give_up(self, tuner_id)

    def save(self: Any) -> None:
        """Write the state, whole."""
        write_json(self.get_state(), Path(self._get_oracle_fname()))

    def _save_trial(self: Any, trial: Trial) -> None:
        folder = Path(self._get_trial_dir(trial.trial_id))
        write_json(trial.get_state(), folder / "trial.json")

    def reload(self: Any) -> None:
        """Go on from the files; a trial that was cut off is run again."""
        folder = Path(self._project_dir)
        for trial in folder.glob("trial_*"):
            remove_parts(trial)  # of a chief that was killed
        for file in (*folder.glob("trial_*/trial.json"), folder / ORACLE):
            read_kept(file, read_object, DAMAGED)
        # What is JSON, and yet no state of KerasTuner's.
        read_kept(folder, lambda _: super(Careful, self).reload(), DAMAGED)  # type: ignore[misc]
        # A kill may fall between a trial's file and the oracle's.
        self.trials = {key: self.trials[key] for key in self.start_order}
        self._retry_queue = [
            key
            for key in dict.fromkeys(self._retry_queue)
            if self.trials[key].status not in OVER
        ]


@keras_tuner.synchronized
def _give_up(oracle: Any, tuner_id: str) -> None:
    oracle.tuner_ids.discard(tuner_id)
    trial = oracle.ongoing_trials.pop(tuner_id, None)
    if trial is None:
        return
    oracle._run_times[trial.trial_id] += 1
    if oracle._run_times[trial.trial_id] < LOSSES:
        oracle._retry_queue.append(trial.trial_id)
    else:
        trial.status = TrialStatus.FAILED
        trial.message = f"its worker was lost {LOSSES} times"
        oracle.end_order.append(trial.trial_id)
        oracle._save_trial(trial)
    oracle.save()
