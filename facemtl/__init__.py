"""facemtl: multi-task learning of face landmarks and attributes.

Importing this package loads neither TensorFlow nor Keras; its names are read
when they are first used. Keras's own `keras.saving.load_model` finds facemtl's
classes from then on, whichever of the two is imported first.
"""

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from facemtl.registration import register

__version__ = "0.2.0"

if TYPE_CHECKING:
    from facemtl.config import load_config, load_settings
    from facemtl.data.csv.reader import read_csv
    from facemtl.data.faces import BadRows, Faces
    from facemtl.data.mtfl.reader import read_mtfl
    from facemtl.data.synthetic.faces import synthetic_faces
    from facemtl.errors import InputError
    from facemtl.evaluation.faces import evaluate_faces
    from facemtl.evaluation.landmark_metrics import FailureRate, MeanError
    from facemtl.evaluation.metrics import Accuracy, BalancedAccuracy
    from facemtl.export.formats import export_network
    from facemtl.fine_tuning import start_config
    from facemtl.geometry.crops import CropSpec
    from facemtl.inference.face import Face
    from facemtl.inference.photo_faces import PhotoFaces
    from facemtl.inference.predictor import Predictor
    from facemtl.inference.runtimes import load_network
    from facemtl.layers import CrossStitch, Twin, WeightRegularization
    from facemtl.models import FaceNetwork, load_model
    from facemtl.pipeline.batches import fixed_batches, training_batches
    from facemtl.pipeline.crop_cache import CachePlan, crop_faces
    from facemtl.presets import Preset, list_presets
    from facemtl.tasks import MTFL_TASKS, Normalizer, Task, load_tasks
    from facemtl.training.callbacks import (
        KeepBest,
        RecordSharing,
        RunState,
        ScheduleLambda,
        StopDiverged,
        TaskwiseStopping,
        UpdateWeighting,
        WeightAverage,
    )
    from facemtl.training.learner import Learner
    from facemtl.training.losses import AttributeLoss, LandmarkLoss, ValueLoss
    from facemtl.training.runs import train
    from facemtl.training.weighting import (
        DynamicWeightAverage,
        FixedWeighting,
        UncertaintyWeighting,
    )
    from facemtl.video.following import FaceFollower

_NAMES = {
    "config": ("load_config", "load_settings"),
    "data.csv.reader": ("read_csv",),
    "data.faces": ("BadRows", "Faces"),
    "data.mtfl.reader": ("read_mtfl",),
    "data.synthetic.faces": ("synthetic_faces",),
    "errors": ("InputError",),
    "evaluation.faces": ("evaluate_faces",),
    "evaluation.landmark_metrics": ("FailureRate", "MeanError"),
    "evaluation.metrics": ("Accuracy", "BalancedAccuracy"),
    "export.formats": ("export_network",),
    "geometry.crops": ("CropSpec",),
    "inference.face": ("Face",),
    "inference.photo_faces": ("PhotoFaces",),
    "inference.predictor": ("Predictor",),
    "inference.runtimes": ("load_network",),
    "layers": ("CrossStitch", "Twin", "WeightRegularization"),
    "models": ("FaceNetwork", "load_model"),
    "pipeline.batches": ("fixed_batches", "training_batches"),
    "pipeline.crop_cache": ("CachePlan", "crop_faces"),
    "presets": ("Preset", "list_presets"),
    "fine_tuning": ("start_config",),
    "tasks": ("MTFL_TASKS", "Normalizer", "Task", "load_tasks"),
    "training.callbacks": (
        "KeepBest",
        "RecordSharing",
        "RunState",
        "ScheduleLambda",
        "StopDiverged",
        "TaskwiseStopping",
        "UpdateWeighting",
        "WeightAverage",
    ),
    "training.learner": ("Learner",),
    "training.losses": ("AttributeLoss", "LandmarkLoss", "ValueLoss"),
    "training.runs": ("train",),
    "training.weighting": (
        "DynamicWeightAverage",
        "FixedWeighting",
        "UncertaintyWeighting",
    ),
    "video.following": ("FaceFollower",),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}
# Packages whose import loads TensorFlow, and modules of them that do not.
_USE_TENSORFLOW = {
    *("evaluation", "export", "layers", "models", "pipeline", "training"),
}
_LIGHT = {"evaluation.faces", "pipeline.crop_cache"}
__all__ = [
    "MTFL_TASKS",
    "Accuracy",
    "AttributeLoss",
    "BadRows",
    "BalancedAccuracy",
    "CachePlan",
    "CropSpec",
    "CrossStitch",
    "DynamicWeightAverage",
    "Face",
    "FaceFollower",
    "FaceNetwork",
    "Faces",
    "FailureRate",
    "FixedWeighting",
    "InputError",
    "KeepBest",
    "LandmarkLoss",
    "Learner",
    "MeanError",
    "Normalizer",
    "PhotoFaces",
    "Predictor",
    "Preset",
    "RecordSharing",
    "RunState",
    "ScheduleLambda",
    "StopDiverged",
    "Task",
    "TaskwiseStopping",
    "Twin",
    "UncertaintyWeighting",
    "UpdateWeighting",
    "ValueLoss",
    "WeightAverage",
    "WeightRegularization",
    "crop_faces",
    "evaluate_faces",
    "export_network",
    "fixed_batches",
    "list_presets",
    "load_config",
    "load_model",
    "load_network",
    "load_settings",
    "load_tasks",
    "read_csv",
    "read_mtfl",
    "start_config",
    "synthetic_faces",
    "train",
    "training_batches",
]


def _uses_tensorflow(name: str) -> bool:
    home = _HOMES[name]
    return home.partition(".")[0] in _USE_TENSORFLOW and home not in _LIGHT


# A type checker reads the imports above: by this, any name would do.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'facemtl' has no attribute '{name}'")
        if _uses_tensorflow(name):
            packages = import_module("facemtl.process.packages")
            # A run ends with a picture: its package must not be missing then.
            whole = packages.TRAINING if name == "train" else packages.NETWORKS
            packages.check_packages(f"facemtl.{name}", *whole)
            import_module("facemtl.process.start").quiet_tensorflow()
        home = f"facemtl.{_HOMES[name]}"
        try:
            return getattr(import_module(home), name)
        except (ImportError, ValueError, AttributeError):
            pass
        # Settings with which Keras cannot be imported are refused in one line.
        settings = import_module("facemtl.process.keras_settings")
        settings.check_keras_settings(settings.BACKENDS)
        return getattr(import_module(home), name)


def __dir__() -> list[str]:
    """List the names that are there, as `help(facemtl)` reads each of them."""
    there = import_module("facemtl.process.packages").is_installed
    names = [
        name
        for name in __all__
        if not _uses_tensorflow(name)
        or (there("tensorflow") and there("keras"))
    ]
    return sorted({*globals(), *names})


# Whether this process was forked from one where TensorFlow had worked; see
# `facemtl.process.forks`, which is not imported for it.
_tensorflow_is_forked = False


def _after_fork() -> None:
    global _tensorflow_is_forked
    module = sys.modules.get("tensorflow.python.eager.context")
    context = module and module.context_safe()
    # TensorFlow has no public name for it.
    if getattr(context, "_initialized", False):
        _tensorflow_is_forked = True


register()
if hasattr(os, "register_at_fork"):  # There are no forks on Windows.
    os.register_at_fork(after_in_child=_after_fork)
