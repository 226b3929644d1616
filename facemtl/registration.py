"""Register facemtl's classes with Keras as soon as `facemtl` is imported.

This imports neither Keras nor a module with a registered class. Keras imports
such a module when it creates the first object of the class.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

# {class with `register_keras_serializable(package="facemtl")`: its module}
CLASSES = {
    "AbsTanh": "layers",
    "Accuracy": "evaluation.metrics",
    "AttributeLoss": "training.losses",
    "BalancedAccuracy": "evaluation.metrics",
    "BatchNormalization": "layers",
    "ConvMaxPool": "layers",
    "CrossStitch": "layers",
    "DepthMixture": "mtl.architectures",
    "FaceNetwork": "models",
    "FailureRate": "evaluation.landmark_metrics",
    "FusedAdamW": "training.fused_adam",
    "HeatmapSpread": "layers",
    "LandmarkLoss": "training.losses",
    "MMoE": "mtl.architectures",
    "MeanError": "evaluation.landmark_metrics",
    "MeanOfMirror": "layers",
    "NDDR": "mtl.architectures",
    "PointSigma": "layers",
    "ResidualBlock": "layers",
    "ScaledSchedule": "mtl.scaled_schedule",
    "Sluice": "mtl.architectures",
    "SoftArgmax": "layers",
    "SubspaceOrthogonality": "mtl.architectures",
    "TaskAttention": "mtl.architectures",
    "Twin": "layers",
    "ValueLoss": "training.losses",
    "WeightRegularization": "layers",
    "WithMirror": "layers",
}


def register() -> None:
    """Register facemtl's classes now, or when Keras is imported."""
    keras = sys.modules.get("keras")
    if keras is None:
        sys.meta_path.insert(0, _AfterKeras())
    else:
        _name_classes(keras)


def _name_classes(keras: ModuleType) -> None:
    saving = getattr(keras, "saving", None)
    if saving is None:  # Keras is being imported, and imports facemtl.
        return
    known = saving.get_custom_objects()
    for name, module in CLASSES.items():
        # A class whose module is imported is already registered.
        known.setdefault(f"facemtl>{name}", _on_first_use(name, module))


def _on_first_use(name: str, module: str) -> type:
    """Return a stand-in that imports the class on first use."""

    class OnFirstUse:
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            return cls.it()(*args, **kwargs)

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Any:
            return cls.it().from_config(config)

        @staticmethod
        def it() -> Any:
            return getattr(import_module(f"facemtl.{module}"), name)

    return OnFirstUse


class _AfterKeras:
    """A module finder that registers the classes when Keras is imported."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "keras":
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        # Set on this loader only; every module has its own.
        loader: Any = spec and spec.loader
        if loader is not None:
            loader.exec_module = self._then_name(loader.exec_module)
        return spec

    def _then_name(self, run: Callable[[ModuleType], None]) -> Any:
        def run_and_name(module: ModuleType) -> None:
            run(module)
            _name_classes(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)

        return run_and_name
