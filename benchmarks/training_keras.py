"""The same networks in plain Keras: arrays, no augmentation, no average."""

from collections.abc import Callable

import keras
import numpy as np
from keras import layers, ops

CLASSES = {"smile": 2, "gender": 2, "glasses": 2, "pose": 5}
FORMS = ((16, 5, True), (48, 3, True), (64, 3, True), (64, 2, False))


class Stitch(layers.Layer):
    """A cross-stitch unit with a matrix per channel."""

    def build(self, shapes: list[tuple[int, ...]]) -> None:
        t = len(shapes)
        start = np.full((t, t), 0.1) + 0.8 * np.eye(t)
        self.alpha = self.add_weight(
            shape=(t, t, shapes[0][-1]),
            initializer=lambda shape, dtype: ops.broadcast_to(
                ops.convert_to_tensor(start[..., None], dtype), shape
            ),
        )

    def call(self, streams: list[object]) -> list[object]:
        return [
            sum(self.alpha[i, j] * x for j, x in enumerate(streams))
            for i in range(len(streams))
        ]

    def compute_output_shape(self, shapes: object) -> object:
        return shapes


def network(towers: int, tasks: int) -> keras.Model:
    """Return TCDCN's towers with their heads."""
    image = keras.Input((40, 40, 1))
    streams = [layers.Rescaling(1 / 127.5, -1.0)(image)] * towers
    for filters, kernel, pool in FORMS:
        streams = [
            layers.Conv2D(filters, kernel, use_bias=False)(x) for x in streams
        ]
        if pool:
            streams = [layers.MaxPooling2D()(x) for x in streams]
        streams = [
            layers.ReLU()(layers.BatchNormalization()(x)) for x in streams
        ]
        if towers > 1 and pool:
            streams = Stitch()(streams)
    streams = [layers.Dense(100, "relu")(layers.Flatten()(x)) for x in streams]
    if towers > 1:
        streams = Stitch()(streams)
    points = layers.Dense(10)(streams[0])
    found = {"landmarks": layers.Reshape((5, 2), name="landmarks")(points)}
    for name, k in list(CLASSES.items())[: tasks - 1]:
        found[name] = layers.Dense(k, "softmax", name=name)(streams[-1])
    return keras.Model(image, found)


def build(
    towers: int,
    tasks: int,
    images: np.ndarray,
    labels: list[np.ndarray],
    batch: int,
) -> Callable[[], None]:
    """Return a function that trains one epoch; see `training_torch.build`.

    Args:
        images: (N, 40, 40, 1) uint8 crops without a border.
    """
    model = network(towers, tasks)
    names = ["landmarks", *CLASSES][:tasks]
    losses = dict.fromkeys(names, "sparse_categorical_crossentropy")
    losses["landmarks"] = keras.losses.Huber()
    model.compile(keras.optimizers.AdamW(0.008), loss=losses, jit_compile=False)
    x = images.astype("float32")
    y = dict(zip(names, labels, strict=False))
    return lambda: model.fit(x, y, batch_size=batch, verbose=0)
