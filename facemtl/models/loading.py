"""Read a trained network from a run folder or a `.keras` file."""

from pathlib import Path

import keras
import numpy as np

from facemtl.errors import InputError
from facemtl.models.keras_file import check_keras_file
from facemtl.models.network import FaceNetwork
from facemtl.presets import checked_model_path, pretrained_names
from facemtl.process.forks import check_tensorflow_works
from facemtl.process.keras_settings import check_keras_settings


def load_model(path: str | Path) -> FaceNetwork:
    """Load a network.

    After `import facemtl`, Keras's own `keras.saving.load_model` reads the
    same files.

    Args:
        path: a run folder (its `model.keras` is read) or a `.keras` file.

    Returns:
        The network, ready to predict or to train on.

    Raises:
        InputError: if there is no such file, it is no facemtl network, asks
            for more weights than it holds or holds NaN, Keras has settings
            that the networks are not made for, or TensorFlow cannot work in
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
    path = checked_model_path(path)
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
        check_keras_file(file)
        model: FaceNetwork = keras.saving.load_model(file, compile=False)
    except InputError as error:
        said = str(error).removeprefix(f"{file}: ")
        raise InputError(f"{file}: {said}") from None
    except Exception as error:  # Keras raises many kinds for a broken file
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(f"{file}: not a whole Keras file: {reason}") from None
    _check_weights(model, file)
    return model


def _check_weights(model: FaceNetwork, file: Path) -> None:
    """Raise for NaN: a ReLU hides it, so that predictions may not show it."""
    for weight in model.weights:
        if not np.isfinite(np.asarray(weight.numpy(), np.float64)).all():
            raise InputError(
                f"{file}: expected weights that are numbers. Received: NaN or "
                f"infinity in {weight.path}. A training that diverged leaves "
                "such weights; train again with a smaller optimizer.rate."
            )
