"""A chief and its workers search alike, or a worker is refused."""

import argparse
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from facemtl import __version__
from facemtl.config import Config, load_settings
from facemtl.data.faces import BadRows
from facemtl.data.sources import load_splits
from facemtl.settings import settings_of
from facemtl.training.run_rows import describe_rows
from facemtl.tuning.project import read_search

KEY = "facemtl-search"  # of gRPC's metadata


def search_words(args: argparse.Namespace, config: Config) -> dict[str, str]:
    """What must be alike in all processes of a search, by name.

    Args:
        args: of the command; its `data` may be another path on each machine.
        config: of a trial that changes nothing.

    Raises:
        InputError: for labels that cannot be read.
    """
    # As labelled: the detector's boxes are made from the same photos.
    boxes = load_settings().data.boxes
    data = replace(settings_of(config).data, boxes=boxes)
    rows = describe_rows(load_splits(data, BadRows(args.skip_bad)).parts())
    return {
        "version of facemtl": __version__,
        "--tuner": args.tuner,
        "--objective": args.objective,
        "--seed": str(args.seed),
        "--space": _digest(read_search(args).space),
        "--data": _digest(rows),
    }


def header(words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The words as gRPC sends them along with each call."""
    return ((KEY, json.dumps(dict(words))),)


def disagreement(
    ours: Mapping[str, str], sent: Mapping[str, Any], worker: str
) -> str:
    """Why a worker may not take part; empty if it may.

    Args:
        ours: the chief's words.
        sent: the metadata of the worker's call.
        worker: its name.

    Example:

    >>> sent = dict(header({"--seed": "1"}))
    >>> disagreement({"--seed": "0"}, sent, "worker0")
    "Expected worker0 with the chief's --seed (0). Received: 1."
    """
    theirs = json.loads(sent.get(KEY, "{}"))
    for name, value in ours.items():
        if theirs.get(name) != value:
            return (
                f"Expected {worker} with the chief's {name} ({value}). "
                f"Received: {theirs.get(name, 'none')}."
            )
    return ""


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=str).encode()
    return f"content {hashlib.blake2b(text, digest_size=4).hexdigest()}"
