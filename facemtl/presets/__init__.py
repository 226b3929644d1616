"""Presets: the trained networks in the package.

The folder also holds the configurations of `facemtl fit --model`.
"""

from facemtl.presets.catalogue import (
    Preset,
    list_presets,
    presets_with,
    read_preset,
)
from facemtl.presets.names import (
    DEFAULT,
    FOLDER,
    NAMES,
    checked_model_path,
    find_keras,
    find_pretrained,
    pretrained_names,
)

__all__ = [
    "DEFAULT",
    "FOLDER",
    "NAMES",
    "Preset",
    "checked_model_path",
    "find_keras",
    "find_pretrained",
    "list_presets",
    "presets_with",
    "pretrained_names",
    "read_preset",
]
