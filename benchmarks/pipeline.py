"""Does a training step ever wait for data?

    python benchmarks/pipeline.py --json benchmarks/pipeline.json

Measures, in one run and on the same faces: reading and cropping all training
faces once, batches of the pipeline alone, and training steps alone (on one
batch again and again), for the default configuration of each model.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import tensorflow as tf

from facemtl.arguments import checked_count
from facemtl.config import load_settings, preset_names
from facemtl.data.faces import BadRows
from facemtl.data.one_source import find_source
from facemtl.data.sources import load_splits
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.geometry.crops import CropSpec
from facemtl.pipeline.batches import training_batches
from facemtl.pipeline.crop_cache import CachePlan, Crops, crop_faces
from facemtl.process.cli import run
from facemtl.training.compiled import build_learner
from facemtl.training.preparation import (
    augment_border,
    build_network,
    chosen_tasks,
)
from facemtl.training.run_process import set_threads


def rate(step: Callable[[], object], faces: int, steps: int) -> float:
    """Faces a second of a step, after five steps that warm up."""
    for _ in range(5):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return faces * steps / (time.perf_counter() - start)


def measure_model(
    name: str, source: str, crops: Crops, steps: int
) -> dict[str, Any]:
    """Faces a second of the pipeline alone and of training alone."""
    settings = load_settings(name, settings=[f"data.source={source}"])
    size, model = settings.train.batch_size, settings.model
    tasks = chosen_tasks(crops.faces, model.tasks, model.architecture)
    learner = build_learner(build_network(settings, tasks), crops, settings)
    batches = training_batches(crops, settings.augment, size, 0, seed=0)
    source_of_batches = iter(batches.repeat())
    batch = next(source_of_batches)
    learner.make_train_function()
    same = iter(tf.data.Dataset.from_tensors(batch).repeat())
    pipeline = rate(lambda: next(source_of_batches), size, 4 * steps)
    many = learner.steps_per_execution
    call = partial(learner.train_function, same)
    training = rate(call, size * many, steps // many)
    return {
        "pipeline_faces_per_second": round(pipeline),
        "training_faces_per_second": round(training),
        "ratio": round(pipeline / training, 1),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a table and write JSON if asked."""
    parser = argparse.ArgumentParser(description="Pipeline against training.")
    parser.add_argument("--data", default="", help="as of facemtl fit")
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--json", help="write the numbers there")
    args = parser.parse_args(argv)
    if args.json is not None:
        check_file(args.json, "--json")
    checked_count("--steps", args.steps)
    source = find_source(args.data)
    settings = load_settings(settings=[f"data.source={source}"])
    set_threads(settings.train)
    faces = load_splits(settings.data, BadRows()).train
    plan = CachePlan(CropSpec(), augment_border(settings.augment), scale=2)
    start = time.perf_counter()
    crops = crop_faces(faces, plan)
    seconds = time.perf_counter() - start
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "tensorflow": tf.__version__,
        "crop_once": {"faces": len(faces), "seconds": round(seconds, 1)},
        "models": {
            name: measure_model(name, source, crops, args.steps)
            for name in preset_names()
        },
    }
    text = json.dumps(result, indent=2)
    print(text)
    if args.json:
        write_whole(text + "\n", Path(args.json))
    return 0


if __name__ == "__main__":
    run(main)
