"""Multi-task learning with any Keras model, on any backend.

Nothing here knows faces, and nothing imports TensorFlow where it is not the
backend. `docs/any_model.md` shows how to bring a model of your own.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facemtl.layers import CrossStitch, Twin, WeightRegularization
    from facemtl.mtl.architectures import (
        NDDR,
        DepthMixture,
        MMoE,
        Sluice,
        SubspaceOrthogonality,
        TaskAttention,
    )
    from facemtl.mtl.balancing import (
        BALANCINGS,
        MGDA,
        AlignedMTL,
        CAGrad,
        GradNorm,
        PCGrad,
        UPGrad,
    )
    from facemtl.mtl.callbacks.conflict import GradientConflict
    from facemtl.mtl.callbacks.sharing import RecordSharing, ScheduleLambda
    from facemtl.mtl.callbacks.stopping import TaskwiseStopping
    from facemtl.mtl.callbacks.update_weighting import UpdateWeighting
    from facemtl.mtl.criteria import TCDCN, Patience, Threshold
    from facemtl.mtl.gradients import per_task_gradients
    from facemtl.mtl.model import MultiTaskModel
    from facemtl.mtl.optimizer import stitch_optimizer
    from facemtl.mtl.weighting import (
        WEIGHTINGS,
        DynamicWeightAverage,
        FAMOWeighting,
        FixedWeighting,
        GeometricLoss,
        IMTLWeighting,
        RandomWeighting,
        TchebycheffWeighting,
        UncertaintyWeighting,
    )

_NAMES = {
    "layers": ("CrossStitch", "Twin", "WeightRegularization"),
    "mtl.architectures": (
        *("NDDR", "DepthMixture", "MMoE", "Sluice", "SubspaceOrthogonality"),
        "TaskAttention",
    ),
    "mtl.balancing": (
        *("BALANCINGS", "MGDA", "AlignedMTL", "CAGrad", "GradNorm", "PCGrad"),
        "UPGrad",
    ),
    "mtl.callbacks.conflict": ("GradientConflict",),
    "mtl.callbacks.sharing": ("RecordSharing", "ScheduleLambda"),
    "mtl.callbacks.stopping": ("TaskwiseStopping",),
    "mtl.callbacks.update_weighting": ("UpdateWeighting",),
    "mtl.criteria": ("TCDCN", "Patience", "Threshold"),
    "mtl.gradients": ("per_task_gradients",),
    "mtl.model": ("MultiTaskModel",),
    "mtl.optimizer": ("stitch_optimizer",),
    "mtl.weighting": (
        *("WEIGHTINGS", "DynamicWeightAverage", "FAMOWeighting"),
        *("FixedWeighting", "GeometricLoss", "IMTLWeighting"),
        *("RandomWeighting", "TchebycheffWeighting", "UncertaintyWeighting"),
    ),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}
__all__ = [
    "BALANCINGS",
    "MGDA",
    "NDDR",
    "TCDCN",
    "WEIGHTINGS",
    "AlignedMTL",
    "CAGrad",
    "CrossStitch",
    "DepthMixture",
    "DynamicWeightAverage",
    "FAMOWeighting",
    "FixedWeighting",
    "GeometricLoss",
    "GradNorm",
    "GradientConflict",
    "IMTLWeighting",
    "MMoE",
    "MultiTaskModel",
    "PCGrad",
    "Patience",
    "RandomWeighting",
    "RecordSharing",
    "ScheduleLambda",
    "Sluice",
    "SubspaceOrthogonality",
    "TaskAttention",
    "TaskwiseStopping",
    "TchebycheffWeighting",
    "Threshold",
    "Twin",
    "UPGrad",
    "UncertaintyWeighting",
    "UpdateWeighting",
    "WeightRegularization",
    "per_task_gradients",
    "stitch_optimizer",
]

# A type checker reads the imports above: by this, any name would do.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(
                f"module 'facemtl.mtl' has no attribute '{name}'"
            )
        packages = import_module("facemtl.process.packages")
        packages.check_packages(f"facemtl.mtl.{name}", "keras")
        settings = import_module("facemtl.process.keras_settings")
        if settings.backend_before_import() == "tensorflow":
            import_module("facemtl.process.start").quiet_tensorflow()
        return getattr(import_module(f"facemtl.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the names that are there, without importing them."""
    return sorted({*globals(), *__all__})
