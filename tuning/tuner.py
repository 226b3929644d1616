"""Run trials, each as a training in a separate process."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from functools import partial
from pathlib import Path
from typing import Any

from facemtl.config import Config
from facemtl.errors import InputError
from facemtl.files.writing import write_whole
from facemtl.studies.processes import RunProcesses
from facemtl.studies.runner import train_in_process
from facemtl.training.run_start import read_report
from facemtl.tuning.client import ChiefClient
from facemtl.tuning.objective import trial_measures
from facemtl.tuning.place import ChiefError, read_place
from facemtl.tuning.private import BaseTuner, TrialStatus
from facemtl.tuning.space import Space

TRIALS = "trials"  # folder of the trials in a search's folder
BEAT = 10.0  # seconds between two signs of life
IDLE = 1.0  # seconds until a worker without a trial asks again


class SearchTuner(BaseTuner):
    """Train the points of an oracle and report their measures.

    A trial releases its memory when it ends. An interrupted trial continues
    after its last finished epoch.

    Args:
        oracle: an oracle from `build_oracle`. If KerasTuner's environment
            variables name a chief, its oracle is used instead.
        space: the searched space.
        objective: a name of `facemtl.tuning.objective.OBJECTIVES`.
        fixed: settings of all trials by section: data, seed, threads.
        folder: folder of the search.
        skip_bad: as in `facemtl.train`.
        patience: seconds that a worker waits for its chief.
        search: settings that a worker sends to its chief, from
            `agreement.header`.
    """

    def __init__(
        self,
        oracle: Any,
        space: Space,
        objective: str,
        fixed: Config,
        folder: Path,
        skip_bad: bool = False,
        patience: float = 600.0,
        search: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(oracle, directory=str(folder), project_name=TRIALS)
        self.space = space
        self.objective = objective
        self.fixed = fixed
        self.skip_bad = skip_bad
        place = read_place()
        if place and not place.is_chief:
            self.oracle = ChiefClient(oracle, place, patience, search)
        elif Path(oracle._get_oracle_fname()).is_file():
            oracle.reload()

    def search(self) -> None:
        """Run trials until the oracle stops the search."""
        with RunProcesses() as processes:
            while True:
                trial = self.oracle.create_trial(self.tuner_id)
                if trial.status == TrialStatus.STOPPED:
                    return
                if trial.status == TrialStatus.IDLE:
                    time.sleep(IDLE)
                    continue
                self._run(trial, processes)
                self.oracle.end_trial(trial)

    def _run(self, trial: Any, processes: RunProcesses) -> None:
        """Run a trial; report its measures or why it failed."""
        try:
            measures = self.run_trial(trial, processes)
            self.oracle.update_trial(trial.trial_id, measures)
            trial.status = TrialStatus.COMPLETED
        except ChiefError:
            raise  # No chief is left to report to.
        except Exception as error:
            known = isinstance(error, InputError)
            said = str(error) if known else f"{type(error).__name__}: {error}"
            trial.status, trial.message = TrialStatus.FAILED, said
            folder = Path(self.get_trial_dir(trial.trial_id))
            write_whole(said, folder / "error.txt")

    def run_trial(self, trial: Any, processes: RunProcesses) -> dict[str, Any]:
        """Train one point and return its measures."""
        folder = Path(self.get_trial_dir(trial.trial_id))
        values = trial.hyperparameters.values
        config = self.config(values)
        failed = self._alive_during(
            partial(
                train_in_process,
                *(config, folder / "run", processes, self.skip_bad),
                test=False,
            )
        )
        if failed:
            raise InputError(failed)
        report = read_report(folder / "run") or {}
        measures = trial_measures(report, self.objective)
        write_hparams(
            folder.parents[1] / "tensorboard" / folder.name, values, measures
        )
        return measures

    def config(self, values: dict[str, Any]) -> Config:
        """Return the complete configuration of a trial."""
        config = self.space.config(values, trial=True)
        for section, settings in self.fixed.items():
            config[section] |= settings
        # In Hyperband, each round trains from the start, so that the learning
        # rate falls to zero: interrupted schedules do not compare.
        if "tuner/epochs" in values:
            config["train"]["epochs"] = values["tuner/epochs"]
        return config

    def _alive_during(self, training: Callable[[], str]) -> str:
        """Train, and send signs of life to the chief.

        The chief replies to a worker that has a trial with the same trial. If
        the chief is gone, the training ends with this process, and continues
        in the next one.
        """
        if not self._is_worker():
            return training()
        done: Future[str] = Future()
        threading.Thread(
            target=_fulfil, args=(done, training), daemon=True
        ).start()
        while not wait([done], BEAT).done:
            self.oracle.create_trial(self.tuner_id)
        return done.result()

    def save(self) -> None:
        """Do nothing: the oracle holds all state."""

    def _get_tuner_fname(self) -> str:
        # No file of the tuner, so that any tuner may continue a search.
        return str(Path(self.project_dir) / "no-file-of-its-own")


def _fulfil(done: Future[str], work: Callable[[], str]) -> None:
    """Put the result or the exception of a function into its future."""
    try:
        done.set_result(work())
    except BaseException as error:  # Ctrl-C, too
        done.set_exception(error)


def write_hparams(
    folder: Path, values: Mapping[str, Any], measures: Mapping[str, float]
) -> None:
    """Write a trial for TensorBoard's HParams page.

    Args:
        folder: folder of the trial's events; open its parent in TensorBoard to
            see all trials.
        values: {hyperparameter: value}; Hyperband's own values are omitted.
        measures: {name: number}.
    """
    import tensorflow as tf
    from tensorboard.plugins.hparams import api

    shown = {k: v for k, v in values.items() if not k.startswith("tuner/")}
    for old in folder.glob("events*"):
        old.unlink()
    with tf.summary.create_file_writer(str(folder)).as_default():
        api.hparams(shown, trial_id=folder.name)
        for name, number in measures.items():
            tf.summary.scalar(name, number, step=0)
