"""Export a network as a SavedModel for crops, photos and JPEG files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from facemtl.export.photo_graph import crop_windows, square_windows, to_photo
from facemtl.files.checksums import checksum
from facemtl.files.folders import whole_folder
from facemtl.inference.runtimes.saved_model import content_parts
from facemtl.inference.sidecar import EXTRA, INPUT, Sidecar, write_sidecar
from facemtl.models import FaceNetwork
from facemtl.tasks import sigma_name

BOXES = tf.TensorSpec((None, 4), tf.float32, "boxes")
PHOTO = tf.TensorSpec((None, None, 3), tf.uint8, "photo")
JPEG = tf.TensorSpec((), tf.string, "jpeg")
Predict = Callable[..., dict[str, tf.Tensor]]


def write_saved_model(
    network: FaceNetwork, sidecar: Sidecar, folder: Path
) -> None:
    """Write a SavedModel with these signatures; outputs are named after tasks.

    - `serving_default`: `crops` (B, S, S, C) float32, 0 to 255;
    - `serving_uint8`: the same as uint8;
    - `faces`: `photo` (H, W, 3) uint8 RGB and `boxes` (N, 4) float32 in
      pixels; points and their deviations are in pixels of the photo;
    - `faces_jpeg`: `jpeg`, the bytes of a JPEG or PNG, and `boxes`. The EXIF
      rotation is not applied.

    Args:
        network: the network.
        sidecar: content of `facemtl.json` in `assets.extra`.
        folder: the output folder; an existing one is replaced.
    """
    archive = keras.export.ExportArchive()
    archive.track(network)
    for name, (function, *signature) in _endpoints(network).items():
        archive.add_endpoint(name, function, signature)
    with whole_folder(folder) as part:
        archive.write_out(part, verbose=False)
        (part / EXTRA).mkdir()
        digest = checksum(content_parts(part))
        write_sidecar(replace(sidecar, checksum=digest), part / EXTRA)


def _endpoints(network: FaceNetwork) -> dict[str, tuple[Any, ...]]:
    """Return {signature: (function, specification of each argument)}."""
    on_crops = _never_empty(network)
    on_photo = _on_photo(network, on_crops)

    def on_jpeg(jpeg: tf.Tensor, boxes: tf.Tensor) -> dict[str, tf.Tensor]:
        return on_photo(tf.ensure_shape(_decode(jpeg), PHOTO.shape), boxes)

    shape = (None, *network.crop.shape)
    return {
        "serving_default": (on_crops, tf.TensorSpec(shape, tf.float32, INPUT)),
        "serving_uint8": (on_crops, tf.TensorSpec(shape, tf.uint8, INPUT)),
        "faces": (on_photo, PHOTO, BOXES),
        "faces_jpeg": (on_jpeg, JPEG, BOXES),
    }


def _decode(data: tf.Tensor) -> tf.Tensor:
    """Decode like OpenCV; TensorFlow's default decoder gives darker pixels."""
    return tf.cond(
        tf.io.is_jpeg(data),
        lambda: tf.io.decode_jpeg(data, 3, dct_method="INTEGER_ACCURATE"),
        lambda: tf.io.decode_image(data, 3, expand_animations=False),
    )


def _never_empty(network: FaceNetwork) -> Predict:
    """Wrap the network to use a blank crop for an empty batch, which oneDNN's
    convolutions refuse."""

    def on_crops(crops: tf.Tensor) -> dict[str, tf.Tensor]:
        n = tf.shape(crops)[0]
        blank = tf.zeros((tf.maximum(1 - n, 0), *network.crop.shape))
        crops = tf.concat([crops, tf.cast(blank, crops.dtype)], axis=0)
        predictions = network(crops, training=False)
        return {task: y[:n] for task, y in predictions.items()}

    return on_crops


def _on_photo(network: FaceNetwork, on_crops: Predict) -> Predict:
    points = {t.name for t in network.tasks if t.kind == "landmarks"}
    sigma = {sigma_name(t) for t in network.tasks if t.name in network.sigma}

    def on_photo(photo: tf.Tensor, boxes: tf.Tensor) -> dict[str, tf.Tensor]:
        windows = square_windows(boxes, network.crop.margin)
        crops = crop_windows(photo, windows, network.crop)
        predictions = on_crops(crops)
        for name, y in predictions.items():
            if name in points:
                predictions[name] = to_photo(y, windows)
            elif name in sigma:
                predictions[name] = y * windows[:, 2:]
        return predictions

    return on_photo
