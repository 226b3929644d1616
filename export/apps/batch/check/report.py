"""The result in words, and what is wrong with it. No Ray here."""

from collections.abc import Iterator, Mapping
from typing import Any

from facemtl.markdown import table

from .comparison import WRONG

RUNS = ("undisturbed", "killed", "parquet, full disk")


def faults(result: Mapping[str, Any]) -> list[str]:
    """What is not as it must be; [] where nothing is.

    Args:
        result: as `check.py` writes it.
    """
    return [*_rows(result), *_kills(result["kills"]), *_cases(result["cases"])]


def _rows(result: Mapping[str, Any]) -> Iterator[str]:
    for run in RUNS:
        found = result["compared"][run]
        if found["rows"] == 0 or found["faces"] == 0 or found["errors"] == 0:
            yield f"{run}: expected rows, faces and errors. Received: {found}."
        for wrong in WRONG:
            if found[wrong]:
                yield f"{run}: {found[wrong]} photos {wrong}"


def _kills(kills: Mapping[str, Any]) -> Iterator[str]:
    done = kills["shards when the driver was killed"]
    if not kills["shards when a worker was killed"] < done < kills["shards"]:
        yield f"Expected kills midway. Received: {dict(kills)}."
    for name in (
        "finished shards written again",
        "status",
    ):
        if kills[name]:
            yield f"{name}: {kills[name]}"


def _cases(cases: list[dict[str, Any]]) -> Iterator[str]:
    if not cases:
        yield "Expected cases."
    for case in cases:
        if not case["good"]:
            yield f"{case['case']}: status {case['status']}"


def markdown(result: Mapping[str, Any]) -> str:
    """The tables of `result.md` and the README."""
    compared = result["compared"]
    rows = [
        [run, *(f"{compared[run][k]:,}" for k in ("rows", "faces", "errors"))]
        + [f"{compared[run][k]:,}" for k in WRONG]
        for run in RUNS
    ]
    counts = table(["run", "rows", "faces", "errors", *WRONG], rows)
    return f"{counts}\n\n{table(['', 'measured'], _speeds(result))}\n"


def _speeds(result: Mapping[str, Any]) -> list[list[str]]:
    run, plain = result["run"], result["plain"]
    photos = run["photos"]
    each = 1000 * run["seconds of workers"] / photos
    return [
        ["photos", f"{photos:,}"],
        ["two workers, with Ray's start, s", f"{run['seconds']:.1f}"],
        ["two workers, photos/s", f"{photos / run['seconds']:.1f}"],
        ["in a worker, ms a photo", f"{each:.1f}"],
        ["plain Predictor, ms a photo", f"{plain['ms a photo']:.1f}"],
        ["a worker's most memory, MB", f"{run['MB of a worker']}"],
    ]
