"""Configurations of runs that start from a trained network."""

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from facemtl.config import (
    Config,
    changed_config,
    default_config,
    read_toml,
    update,
)
from facemtl.errors import InputError
from facemtl.files.network_files import check_network_file
from facemtl.presets import FOLDER, NAMES, find_keras

# Settings of a network's own run that suit further training.
INHERITED = ("augment", "loss", "weighting", "train")
# Settings of a network's own run that belong to that run.
OF_THE_RUN = (
    *("epochs", "epoch_steps", "freeze", "alone_epochs"),
    *("threads", "seed", "precision"),
)
# A lower rate of the preset's layers helps a class learned from 50 faces (the
# study `relearn`), and costs a little where points are new: NME-box of 68
# points from 100 faces is 3.36, 3.39 and 3.46 % at 1, 0.3 and 0.1 (one seed).
FINE_TUNING: Config = {
    "start": {"rate": 0.3, "heads_first": 0.25},
    "train": {"epochs": 40, "epoch_steps": 25},
}
LONGEST = 2**24  # bytes of the settings in a .keras file


def start_config(
    network: str | Path,
    file: str | Path = "",
    settings: Iterable[str] = (),
) -> Config:
    """Load a configuration to train a network further, on other faces.

    The crop and `[model]` are those of the network. Augmentation, losses and
    optimizer are those of its own training, where it has a configuration.
    Layers with its weights learn more slowly than new ones, in fewer epochs.
    Where a head is new, the heads learn alone at first.

    Args:
        network: a preset, a run folder, or a `.keras` file.
        file: a TOML file with further settings.
        settings: `"key=value"` strings, see `load_config`.

    Raises:
        InputError: for a missing or damaged network, or as `load_config`.

    Example:

    >>> config = start_config("base", settings=["data.source=faces.csv"])
    >>> config["model"]["blocks"], config["start"]["network"]
    ('residual', 'base')
    """
    config = default_config()
    keras = _keras_file(network)
    of_preset = keras.parent == FOLDER
    own = keras.with_name(f"{keras.stem}.toml" if of_preset else "config.toml")
    if own.is_file():
        update(config, _inherited(read_toml(own)), str(own))
    update(config, network_settings(keras), str(keras))
    update(config, FINE_TUNING, "fine-tuning")
    config["start"]["network"] = str(network)
    return changed_config(config, file, settings)


def network_settings(keras: Path) -> Config:
    """Return the settings of `[data]` and `[model]` of a `.keras` file.

    Raises:
        InputError: for a file that is not a facemtl network.
    """
    check_network_file(keras)
    try:
        with zipfile.ZipFile(keras) as packed, packed.open("config.json") as x:
            content = json.loads(x.read(LONGEST))["config"]
        data = {key: content["crop"][key] for key in ("size", "color")}
        model = {
            k: content[k] for k in default_config()["model"] if k in content
        }
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{keras}: expected a facemtl network. Received: "
            f"{type(error).__name__}: {error}."
        ) from None
    model.pop("tasks", None)  # The tasks are those of the new faces.
    return {
        "data": data,
        "model": {k: v for k, v in model.items() if v is not None},
    }


def _keras_file(network: str | Path) -> Path:
    found = find_keras(network)
    file = found / "model.keras" if found.is_dir() else found
    if not file.is_file():
        raise InputError(
            f"Expected a preset ({', '.join(NAMES)}), a run folder with "
            f"model.keras, or a .keras file. Received: {network}."
        )
    return file


def _inherited(config: Mapping[str, Any]) -> Config:
    """Return the settings of a network's own run for further training."""
    kept = {k: dict(config[k]) for k in INHERITED if k in config}
    for name in OF_THE_RUN:
        kept.get("train", {}).pop(name, None)
    return kept
