"""Callbacks of a training run, in the order of their use in a list."""

from facemtl.mtl.callbacks.sharing import RecordSharing, ScheduleLambda
from facemtl.mtl.callbacks.skipped import WarnSkipped
from facemtl.mtl.callbacks.update_weighting import UpdateWeighting
from facemtl.training.balancing import RecordBalancing
from facemtl.training.callbacks.average import WeightAverage
from facemtl.training.callbacks.diverged import StopDiverged
from facemtl.training.callbacks.run_folder import KeepBest, RunState
from facemtl.training.callbacks.stopping import TaskwiseStopping

__all__ = [
    "KeepBest",
    "RecordBalancing",
    "RecordSharing",
    "RunState",
    "ScheduleLambda",
    "StopDiverged",
    "TaskwiseStopping",
    "UpdateWeighting",
    "WarnSkipped",
    "WeightAverage",
]
