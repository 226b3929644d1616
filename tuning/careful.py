"""A mixin that makes KerasTuner's oracles safe for long searches."""

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

DRAWS = 50  # attempts to draw a point within the limits
FAILURES = 5  # the search ends if the first trials all fail
LOSSES = 3  # lost workers after which a trial fails
OVER = (TrialStatus.COMPLETED, TrialStatus.FAILED)


class Careful:
    """A mixin for KerasTuner's oracles.

    Files are written atomically, and a reloaded search continues without loss.
    Points beyond the limits are not tried. Failed trials count as the worst
    ones. The search ends at a time limit, or if all trials fail.

    Attributes:
        within_limits: whether a point {name: value} may be tried.
        start: first point {name: value} of a search that draws its points;
            empty to draw the first one too.
        deadline: time on the clock `time.monotonic` after which no trial
            begins.
        on_end: called with the oracle and each finished trial.
    """

    within_limits: Callable[[dict[str, Any]], bool] = staticmethod(
        lambda values: True
    )
    start: Mapping[str, Any] = MappingProxyType({})
    deadline = float("inf")
    on_end: Callable[[Any, Trial], None] = staticmethod(lambda oracle, x: None)

    def end_reason(self: Any) -> str:
        """Return why no more trials begin; empty during the search."""
        if time.monotonic() > self.deadline:
            return "the time is over"
        ended = [self.trials[key] for key in self.end_order]
        failed = all(trial.status == TrialStatus.FAILED for trial in ended)
        return "every trial failed" if len(ended) >= FAILURES and failed else ""

    def create_trial(self: Any, tuner_id: str) -> Trial:
        """Return a trial to run, or one with a status to stop or wait."""
        if tuner_id in self.ongoing_trials:
            return self.ongoing_trials[tuner_id]
        if self.end_reason():
            self.tuner_ids.discard(tuner_id)
            return Trial(self.get_space(), status=TrialStatus.STOPPED)
        if self._others_may_need():
            return Trial(self.get_space(), status=TrialStatus.IDLE)
        return super().create_trial(tuner_id)  # type: ignore[misc]

    def _others_may_need(self: Any) -> bool:
        """Whether trials of other workers remain, which might be lost."""
        full = len(self.trials) >= self.max_trials and not self._retry_queue
        return full and bool(self.ongoing_trials)

    def populate_space(self: Any, trial_id: str) -> dict[str, Any]:
        """Return the next point, with failed trials counted as the worst ones.

        Without them, Hyperband's rounds would never fill up, and the Gaussian
        process would propose the same points again.
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
                # The Gaussian process warns whenever a fit could be closer.
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
        """Store the result of a trial."""
        super().end_trial(trial)  # type: ignore[misc]
        self.on_end(self, self.trials[trial.trial_id])

    def give_up(self: Any, tuner_id: str) -> None:
        """Return the trial of a lost worker to the queue, a few times."""
        _give_up(self, tuner_id)

    def save(self: Any) -> None:
        """Write the state atomically."""
        write_json(self.get_state(), Path(self._get_oracle_fname()))

    def _save_trial(self: Any, trial: Trial) -> None:
        folder = Path(self._get_trial_dir(trial.trial_id))
        write_json(trial.get_state(), folder / "trial.json")

    def reload(self: Any) -> None:
        """Continue from the files; interrupted trials run again."""
        folder = Path(self._project_dir)
        for trial in folder.glob("trial_*"):
            remove_parts(trial)  # left by a killed chief
        for file in (*folder.glob("trial_*/trial.json"), folder / ORACLE):
            read_kept(file, read_object, DAMAGED)
        # Valid JSON that is no state of KerasTuner.
        read_kept(folder, lambda _: super(Careful, self).reload(), DAMAGED)  # type: ignore[misc]
        # The process may be killed between writing a trial and the oracle.
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
