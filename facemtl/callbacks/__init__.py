"""Callbacks of a training run, in the order in which a list needs them."""

from facemtl.callbacks.average import WeightAverage
from facemtl.callbacks.diverged import StopDiverged
from facemtl.callbacks.dynamic_weights import UpdateWeighting
from facemtl.callbacks.run_folder import KeepBest, RunState
from facemtl.callbacks.sharing import RecordSharing, ScheduleLambda
from facemtl.callbacks.stopping import TaskwiseStopping

__all__ = [
    "KeepBest",
    "RecordSharing",
    "RunState",
    "ScheduleLambda",
    "StopDiverged",
    "TaskwiseStopping",
    "UpdateWeighting",
    "WeightAverage",
]
