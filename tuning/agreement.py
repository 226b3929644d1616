"""Check that a worker searches the same as its chief."""

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

KEY = "facemtl-search"  # key of gRPC's metadata


def search_words(args: argparse.Namespace, config: Config) -> dict[str, str]:
    """Return the settings that all processes of a search must share, by name.

    Args:
        args: arguments of the command. `data` may differ between machines.
        config: configuration of a trial without changes.

    Raises:
        InputError: if the labels are unreadable.
    """
    # Original labels, because detector boxes follow from the photos.
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
    """Return the settings as gRPC metadata."""
    return ((KEY, json.dumps(dict(words))),)


def disagreement(
    ours: Mapping[str, str], sent: Mapping[str, Any], worker: str
) -> str:
    """Return why a worker is refused; empty if it is accepted.

    Args:
        ours: the chief's settings.
        sent: metadata of the worker's call.
        worker: name of the worker.

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
