"""Train the network that tells in which quarter turn a face lies in a window.

    python presets/turns.py --data data/MTFL \
        --out facemtl/detection/turns.tflite

`FaceDetector(turned=True)` uses it. The windows are YuNet's faint detections in
MTFL's training photos, and the photos' middles, changed at random
(`turn_windows.py`), without the LFW photos of `benchmarks/turned_faces.py`.
Each batch is turned and mirrored at random. The loss is the cross-entropy of
five classes, four turns and no face, and the Huber loss of the face's place in
its window. All layers but the last become int8.
Prints the percentage of validation faces' windows with the right class.
`facemtl/detection/turn_network.py` has the checksum of the file.
"""

import argparse
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from mostly_int8 import mostly_int8
from turn_windows import Windows, windows

from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.detection.turn_network import NONE, SIZE
from facemtl.files.checksums import checksum
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_bytes
from facemtl.process.cli import load_tensorflow, run

SEED, ROUNDS, EPOCHS, BATCH, RATE = 0, 1, 16, 256, 3e-3
SHOWN = 200  # Photos of LFW in the benchmark.
RANGES = 500  # Windows that give the ranges of int8 values.
# A place's error from which the Huber loss is linear, and the loss's weight.
SMALL, PLACE = 0.1, 2.0


def main(argv: Sequence[str] | None = None) -> int:
    """Train, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--out", required=True, metavar="FILE.tflite")
    args = parser.parse_args(argv)
    out = check_file(args.out, "--out")
    load_tensorflow()
    cv2.setNumThreads(1)
    train, validation = (
        load_split(args.data, split, (), BadRows())
        for split in ("train", "val")
    )
    print(f"searching {len(train):,} photos for windows", flush=True)
    given = windows(without_shown(train), SEED, ROUNDS)
    network = trained(given)
    print(table(network, windows(validation, SEED + 1, 1)))
    content = converted(network, given.tiles)
    write_bytes(content, out)
    print(f"{out}: {len(content):,} bytes, SHA-256 {checksum([content])}")
    return 0


def without_shown(faces: Faces) -> Faces:
    """Return training faces without those of the benchmark."""
    of_lfw = [i for i, name in enumerate(faces.names) if "lfw" in name]
    return faces.select(np.setdiff1d(np.arange(len(faces)), of_lfw[:SHOWN]))


def trained(given: Windows) -> Any:
    """Return the network, trained on windows."""
    import keras

    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    model = network()
    steps = len(given.turns) // BATCH
    rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * steps)
    # XLA takes seven times as long on a processor.
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=False)
    for epoch in range(EPOCHS):
        order = rng.permutation(len(given.turns))[: steps * BATCH]
        for rows in order.reshape(steps, BATCH):
            batch = Windows(*(x[np.sort(rows)] for x in given))
            batch = turned(batch, int(rng.integers(4)), rng.random() < 0.5)
            wanted = np.c_[batch.turns, batch.places].astype(np.float32)
            told = model.train_on_batch(batch.tiles.astype(np.float32), wanted)
        # Keras returns the mean loss since the start.
        print(
            f"epoch {epoch + 1} of {EPOCHS}: loss {float(told):.3f}", flush=True
        )
    return model


def network() -> Any:
    """Return the network, not trained: a convolution of 4 x 4 pixels first."""
    import keras
    from keras import layers

    def normal(x: Any) -> Any:
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))

    def separable(x: Any, channels: int, stride: int = 1) -> Any:
        x = layers.DepthwiseConv2D(
            3, strides=stride, padding="same", use_bias=False
        )(x)
        return normal(layers.Conv2D(channels, 1, use_bias=False)(normal(x)))

    pixels = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1 / 128, offset=-1)(pixels)
    x = normal(layers.Conv2D(48, 4, strides=4, use_bias=False)(x))
    x = separable(separable(x, 96), 144, stride=2)
    x = separable(separable(x, 144), 144)
    # No layer has a size of the batch in it, unlike `Flatten`.
    x = normal(layers.Conv2D(64, x.shape[1], use_bias=False)(x))
    return keras.Model(pixels, layers.Conv2D(NONE + 4, 1)(x))


def loss(wanted: Any, told: Any) -> Any:
    """Return the loss of each window; see the top of this file."""
    from keras import ops

    told = told[:, 0, 0]
    turns, places = ops.cast(wanted[:, 0], "int32"), wanted[:, 1:]
    chances = ops.log_softmax(told[:, : NONE + 1], axis=1)
    chance = ops.sum(ops.one_hot(turns, NONE + 1) * chances, axis=1)
    off = ops.abs(told[:, NONE + 1 :] - places)
    squares, lines = off**2 / (2 * SMALL), off - SMALL / 2
    huber = ops.sum(ops.where(off < SMALL, squares, lines), axis=1)
    faces = ops.cast(turns < NONE, "float32")
    return PLACE * faces * huber - chance


def turned(given: Windows, turn: int, mirrored: bool) -> Windows:
    """Return windows after quarter turns counterclockwise, then mirrored."""
    tiles = np.rot90(given.tiles, turn, axes=(1, 2))
    x, y, larger = given.places.T
    for _ in range(turn):
        x, y = y, -x
    turns = given.turns - turn
    if mirrored:
        tiles, x, turns = tiles[:, :, ::-1], -x, -turns
    turns = np.where(given.turns == NONE, NONE, turns % 4)
    return Windows(tiles, turns, np.stack([x, y, larger], axis=1))


def table(model: Any, given: Windows) -> str:
    """Return the percentage of windows with the right class, in lines."""
    tiles = given.tiles.astype(np.float32)
    told = model.predict(tiles, batch_size=BATCH, verbose=0)[:, 0, 0]
    best = told[:, : NONE + 1].argmax(axis=1)
    lines = []
    for kind in range(NONE + 1):
        those = given.turns == kind
        name = "no face" if kind == NONE else f"{kind} quarter turns"
        share = 100 * (best[those] == kind).mean()
        lines.append(f"{name}: {share:.1f} % of {those.sum():,} windows")
    return "\n".join(lines)


def converted(model: Any, tiles: np.ndarray) -> bytes:
    """Return the TFLite file; tiles give the ranges of its int8 values."""
    import tensorflow as tf

    entry = tf.TensorSpec((1, SIZE, SIZE, 3), name="tiles")
    called = tf.function(lambda x: model(x, training=False), autograph=False)
    rng = np.random.default_rng(SEED)
    some = rng.permutation(len(tiles))[:RANGES]
    inputs = tiles[some, None].astype(np.float32)
    return mostly_int8(called, entry, list(inputs))


if __name__ == "__main__":
    run(main)
