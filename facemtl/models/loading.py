"""Loading of a trained network from a run folder or a `.keras` file."""

from pathlib import Path

import keras
import numpy as np

from facemtl.errors import InputError
from facemtl.files.checksums import check_content
from facemtl.files.network_files import read_network
from facemtl.models.keras_file import check_keras_file
from facemtl.models.network import FaceNetwork
from facemtl.presets import FOLDER, NAMES, find_keras, read_preset
from facemtl.process.forks import check_tensorflow_works
from facemtl.process.keras_settings import BACKENDS, check_keras_settings


def load_model(path: str | Path) -> FaceNetwork:
    """Load a trained network.

    Keras's `keras.saving.load_model` reads the same files after
    `import facemtl`.

    Args:
        path: a preset's name, a `.keras` file, or a run folder that contains
            `model.keras`.

    Returns:
        The network, ready for prediction or further training.

    Raises:
        InputError: if the file is missing, is not a facemtl network, needs
            more weights than it holds or holds NaN; if Keras's global
            settings do not suit the networks; or if TensorFlow cannot work in
            this process (see `facemtl.process.forks`).

    Example:

    >>> import tempfile
    >>> from facemtl.tasks import LANDMARKS, SMILE
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     FaceNetwork((LANDMARKS, SMILE)).save(f"{folder}/model.keras")
    ...     network = load_model(folder)
    >>> predictions = network.predict(np.zeros((2, 40, 40, 1)), verbose=0)
    >>> {task: y.shape for task, y in predictions.items()}
    {'landmarks': (2, 5, 2), 'smile': (2, 2)}
    """
    path = find_keras(path)
    check_tensorflow_works()
    check_keras_settings(BACKENDS)
    file = path / "model.keras" if path.is_dir() else path
    if not file.is_file():
        raise InputError(
            "Expected a run folder with model.keras, or a .keras file. "
            f"Received: {path}. Presets have names: {', '.join(NAMES)}."
        )
    if file.parent == FOLDER:
        expected = read_preset(file.stem).checksum
        check_content(expected, [read_network(file)], str(file))
    return _read(file)


def _read(file: Path) -> FaceNetwork:
    """Return the network of a file, checked before and after Keras reads it."""
    try:
        check_keras_file(file)
        model: FaceNetwork = keras.saving.load_model(file, compile=False)
    except InputError as error:
        said = str(error).removeprefix(f"{file}: ")
        raise InputError(f"{file}: {said}") from None
    except Exception as error:  # Keras raises many types for a broken file.
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(f"{file}: not a whole Keras file: {reason}") from None
    _check_weights(model, file)
    return model


def _check_weights(model: FaceNetwork, file: Path) -> None:
    """Raise for NaN weights, which a ReLU can hide from predictions."""
    for weight in model.weights:
        if not np.isfinite(np.asarray(weight.numpy(), np.float64)).all():
            raise InputError(
                f"{file}: expected weights that are numbers. Received: NaN or "
                f"infinity in {weight.path}. A training that diverged leaves "
                "such weights; train again with a smaller train.learning_rate."
            )
