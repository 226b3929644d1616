"""Restore a preset's Keras network from its TFLite file.

    python presets/restore.py base --data data/MTFL

writes `facemtl/presets/base.keras`, its sidecar and its card. It serves presets
whose run folder no longer exists; `presets/make.py` writes them from the run.

TFLite folds batch normalization into the convolution before it. The restored
network takes the mean and variance of these layers from training faces, and
scale and shift such that its predictions stay those of the file. Kernels are
scaled to the size of Keras's initial ones, so that a step of training changes
each layer by a similar share.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.config import PRESETS, load_config
from facemtl.process.cli import load_tensorflow, run

HERE = Path(__file__).parent
FACES = 1000  # to measure mean and variance
EPSILON = 1e-3  # of Keras's batch normalization


def main(argv: Sequence[str] | None = None) -> int:
    """Restore one preset and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("preset")
    parser.add_argument("--data", required=True, help="folder of MTFL")
    args = parser.parse_args(argv)
    load_tensorflow()
    from card import write_card
    from packed import file_facts, write_preset

    from facemtl.files.writing import write_json

    name = args.preset
    sidecar, kernels = read_tflite(PRESETS / f"{name}.tflite")
    network = restored(name, sidecar, kernels, args.data)
    scores, keras = HERE / f"{name}.json", PRESETS / f"{name}.keras"
    result = json.loads(scores.read_text(encoding="utf-8"))
    best = result["seeds"][result["seed"]]
    write_preset(network, sidecar, best, PRESETS, name)
    command = f"python presets/restore.py {name} --data data/MTFL"
    result["keras"] = file_facts(keras, command)
    write_json(result, scores)
    write_card(result, PRESETS / f"{name}.md")
    print(f"{keras}: {network.count_params():,} weights")
    return 0


def read_tflite(file: Path) -> tuple[Any, dict[str, np.ndarray]]:
    """Return the sidecar and the weights of a TFLite file by their names."""
    from ai_edge_litert.interpreter import Interpreter

    from facemtl.files.network_files import read_network
    from facemtl.inference.runtimes.associated import read_associated

    content = read_network(file)
    sidecar, _ = read_associated(content, str(file))
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    kernels = {
        detail["name"]: interpreter.get_tensor(detail["index"])
        for detail in interpreter.get_tensor_details()
        if detail["dtype"] == np.float16 and len(detail["shape"])
    }
    return sidecar, {k: v.astype(np.float32) for k, v in kernels.items()}


def restored(
    name: str, sidecar: Any, kernels: dict[str, np.ndarray], data: str
) -> Any:
    """Return the Keras network with the weights of the TFLite file."""
    from facemtl.models import FaceNetwork
    from facemtl.settings import settings_of
    from facemtl.tasks import MTFL_TASKS
    from facemtl.training.preparation import build_network

    settings = settings_of(load_config(name))
    plain = build_network(settings, MTFL_TASKS).get_config()
    boxes = sidecar.box_convention
    network = FaceNetwork.from_config({**plain, "box_convention": boxes})
    for weight in network.weights:
        weight.assign(folded(weight.path, weight.shape, kernels))
    split_norms(network, training_crops(settings, data))
    mirrored = any("_mean_1/" in key for key in kernels)
    return network.with_mirror() if mirrored else network


def folded(
    path: str, shape: Sequence[int], kernels: dict[str, np.ndarray]
) -> np.ndarray:
    """Return a weight's value, for normalization that only adds its beta."""
    layer, kind = path.rsplit("/", 1)
    where = "/".join(f"{part}_1" for part in layer.split("/"))
    top_down = layer.endswith("_norm")
    if kind == "moving_mean":
        return np.zeros(shape)
    if kind == "moving_variance":
        return np.full(shape, 1 - EPSILON)
    if kind == "gamma" and not top_down:
        return np.ones(shape)
    words = {
        "kernel": ("convolution", "MatMul"),
        "bias": ("BiasAdd",),
        "beta": ("batchnorm/sub",) if top_down else ("batchnorm/add_1",),
        "gamma": ("batchnorm/mul",),
    }[kind]
    (value,) = (
        value
        for key, value in kernels.items()
        if any(f"{where}/{word}" in key for word in words)
        and value.ndim == len(shape)
    )
    if value.ndim == 4:  # TFLite: output, height, width, input
        return value.transpose(1, 2, 3, 0)
    return value.T


def split_norms(network: Any, crops: np.ndarray) -> None:
    """Give each normalization the statistics of its inputs.

    Predictions do not change: scale and shift undo what mean and variance do.
    """
    for block in network.layers:
        convolutions = getattr(block, "convolutions", [])
        for conv, norm in zip(
            convolutions, getattr(block, "norms", []), strict=True
        ):
            _scale_kernel(conv, norm)
    norms = [x for x in network._flatten_layers() if hasattr(x, "moving_mean")]
    found: dict[int, list[np.ndarray]] = {}
    for norm in norms:
        _record_inputs(norm, found)
    for first in range(0, len(crops), 100):
        network(crops[first : first + 100], training=False)
    for norm in norms:
        del norm.call
        inputs = np.concatenate(found[id(norm)])
        mean, variance = inputs.mean(0), inputs.var(0)
        scale = norm.gamma / np.sqrt(norm.moving_variance + EPSILON)
        shift = norm.beta - norm.moving_mean * scale
        norm.gamma.assign(scale * np.sqrt(variance + EPSILON))
        norm.beta.assign(shift + mean * scale)
        norm.moving_mean.assign(mean)
        norm.moving_variance.assign(variance)


def _scale_kernel(conv: Any, norm: Any) -> None:
    """Scale a kernel to the size of Glorot's; the scale after it undoes it."""
    height, width, channels, filters = conv.kernel.shape
    usual = np.sqrt(2 / (height * width * (channels + filters)))
    factor = usual / np.sqrt(np.mean(np.square(conv.kernel)))
    conv.kernel.assign(conv.kernel * factor)
    norm.gamma.assign(norm.gamma / factor)


def _record_inputs(norm: Any, found: dict[int, list[np.ndarray]]) -> None:
    """Keep the inputs of a layer, one row per pixel, as it is called."""
    plain = norm.call

    def call(inputs: Any, *args: Any, **kwargs: Any) -> Any:
        pixels = np.asarray(inputs).reshape(-1, inputs.shape[-1])
        found.setdefault(id(norm), []).append(pixels)
        return plain(inputs, *args, **kwargs)

    norm.call = call


def training_crops(settings: Any, data: str) -> np.ndarray:
    """Return crops of training faces, without augmentation."""
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_split
    from facemtl.pipeline.crop_cache import CachePlan, crop_faces
    from facemtl.tasks import MTFL_TASKS
    from facemtl.training.preparation import crop_spec

    faces = load_split(data, "train", MTFL_TASKS, BadRows())
    some = faces.select(np.arange(0, len(faces), len(faces) // FACES))
    return crop_faces(some, CachePlan(crop_spec(settings.data))).images


if __name__ == "__main__":
    run(main)
