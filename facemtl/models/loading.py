"""Read a trained network from a run folder or a `.keras` file."""

from pathlib import Path

import keras

from facemtl.arguments import checked_path
from facemtl.config import preset_names
from facemtl.errors import InputError
from facemtl.keras_settings import check_keras_settings
from facemtl.models.network import FaceNetwork
from facemtl.pretrained import pretrained_names
from facemtl.processes import check_tensorflow_works


def load_model(path: str | Path) -> FaceNetwork:
    """Load a network.

    After `import facemtl`, Keras's own `keras.saving.load_model` reads the
    same files.

    Args:
        path: a run folder (its `model.keras` is read) or a `.keras` file.

    Returns:
        The network, ready to predict or to train on.

    Raises:
        InputError: if there is no such file, it is no facemtl network, Keras
            has settings that the networks are not made for, or TensorFlow
            cannot work in this process (see `facemtl.processes`).

    Example:

        network = facemtl.load_model("runs/default")
        answers = network.predict(crops)
    """
    path = checked_path("a run folder or a .keras file", path)
    if str(path) in preset_names() and not path.exists():
        raise InputError(
            f"Expected a Keras network. Received: '{path}', a configuration "
            f"without such a file. Train it (facemtl fit --model {path}) and "
            "give its run folder."
        )
    check_tensorflow_works()
    check_keras_settings()
    file = path / "model.keras" if path.is_dir() else path
    if not file.is_file():
        raise InputError(
            "Expected a run folder with model.keras, or a .keras file. "
            f"Received: {path}. What predicts also takes a preset: "
            f"{', '.join(pretrained_names())}."
        )
    try:
        model = keras.saving.load_model(file, compile=False)
    except Exception as error:  # Keras raises many kinds for a broken file
        reason = str(error).splitlines()[0]
        raise InputError(f"{file}: not a whole Keras file: {reason}") from None
    if not isinstance(model, FaceNetwork):
        raise InputError(
            f"{file}: expected a facemtl network. "
            f"Received: a {type(model).__name__}."
        )
    return model
