"""What `many_tasks.py` trains, how, and its predictions."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from many_faces import GROUPS, TASKS, Part
from many_networks import NETWORKS, build
from many_table import face_scores

from facemtl.mtl import (
    BALANCINGS,
    WEIGHTINGS,
    FixedWeighting,
    MultiTaskModel,
    stitch_optimizer,
)

EPOCHS, BATCH, RATE = 6, 64, 0.003


@dataclass(frozen=True)
class Variant:
    """What to train: a network, and how its tasks' losses are combined."""

    name: str
    network: str = "split"
    weighting: str = "fixed"
    balancing: str | None = None
    tuned: bool = False


def variants() -> list[Variant]:
    """Return all variants; the first is the baseline."""
    rest = [name for name in WEIGHTINGS if name != "fixed"]
    networks = [name for name in NETWORKS if name != "split"]
    return [
        Variant("equal λ"),
        *(Variant(name, weighting=name) for name in rest),
        *(Variant(name, balancing=name) for name in BALANCINGS),
        # After others: λ may be tuned by another process meanwhile.
        Variant("tuned λ", tuned=True),
        *(Variant(name, name) for name in networks),
        *(
            Variant(f"tuned λ, {name}", balancing=name, tuned=True)
            for name in ("pcgrad", "upgrad")
        ),
        Variant("uncertainty, cagrad", "split", "uncertainty", "cagrad"),
    ]


def lambdas(values: Mapping[str, float]) -> dict[str, float]:
    """Return {task: λ} from {group: λ}."""
    return {
        task: float(values[name])
        for name, tasks in GROUPS.items()
        for task in tasks.split()
    }


def model_of(variant: Variant, tuned: Mapping[str, float]) -> MultiTaskModel:
    """Return the model of a variant, ready to train."""
    network = build(variant.network)
    loss = keras.losses.BinaryCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    weighting: Any = variant.weighting
    if variant.tuned:
        weighting = FixedWeighting(TASKS, lambdas(tuned))
    # 40 passes back through the trunk would take ten times as long.
    shared = "fc" if variant.balancing else None
    return MultiTaskModel(
        network,
        dict.fromkeys(TASKS, loss),
        weighting,
        variant.balancing,
        representation=shared,
    )


def train(
    variant: Variant, tuned: Mapping[str, float], seed: int, faces: Part
) -> MultiTaskModel:
    """Return a model trained on faces for a fixed number of steps."""
    keras.backend.clear_session()
    gc.collect()
    keras.utils.set_random_seed(seed)
    model = model_of(variant, tuned)
    steps = EPOCHS * -(-len(faces.x) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        RATE / 10,
        steps - steps // 10,
        warmup_target=RATE,
        warmup_steps=steps // 10,
    )
    adam = keras.optimizers.Adam(rate)
    stitched = variant.network.startswith("cross")
    optimizer = stitch_optimizer(model.network, adam, 10) if stitched else adam
    model.compile(optimizer, jit_compile=False)
    # Before the first step, or it would be compiled twice.
    model.optimizer.build(model.trainable_variables)
    model.fit(
        faces.x, faces.labels(), batch_size=BATCH, epochs=EPOCHS, verbose=0
    )
    return model


def predictions(model: MultiTaskModel, faces: Part) -> np.ndarray:
    """Return 0 or 1 (N, K)."""
    rows = []
    for x in np.array_split(faces.x, -(-len(faces.x) // 500)):
        found = model.network(x, training=False)
        columns = [found[task] for task in TASKS]
        rows.append(keras.ops.convert_to_numpy(keras.ops.hstack(columns)) > 0)
    return np.concatenate(rows)


def scores(
    model: MultiTaskModel, parts: Mapping[str, Part]
) -> dict[str, dict[str, list[float]]]:
    """Return {part: {measure: score a face}} of what was not trained on."""
    return {
        name: face_scores(predictions(model, parts[name]), parts[name].y)
        for name in ("validation", "test")
    }
