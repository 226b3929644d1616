"""The result of `--check` as a Markdown table and as JSON."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from facemtl import markdown
from facemtl.evaluation.scores import headline
from facemtl.export.format_check import FormatCheck
from facemtl.files.writing import write_whole
from facemtl.inference.sidecar import NAME, read_sidecar
from facemtl.words import plural

HEADS = (
    "format",
    "points, px: mean",
    "largest",
    "probabilities: mean",
    "largest",
    "error, % box",
    "points > 5 %",
    "attributes, %",
    "kB",
    "ms, one face",
    "ms, of 250",
    "verdict",
)
# Columns of networks with values.
VALUE_HEADS = ("values, spreads: mean", "largest")


def table(checks: Sequence[FormatCheck]) -> str:
    """Return a Markdown table with a row per format."""
    rows = [_row(check) for check in checks]
    if not any(check.values for check in checks):
        return markdown.table(HEADS, rows)
    heads = (*HEADS[:5], *VALUE_HEADS, *HEADS[5:])
    pairs = [_pair(check.values, 4) for check in checks]
    whole = [
        [*row[:5], *pair, *row[5:]]
        for row, pair in zip(rows, pairs, strict=True)
    ]
    return markdown.table(heads, whole)


def _row(check: FormatCheck) -> list[str]:
    failed = check.scores.get("landmarks", {}).get("failure_rate_box_5")
    return [
        check.file,
        *_pair(check.points, 4),
        *_pair(check.probabilities, 5),
        *(_number(x, 2) for x in (check.error, failed, check.accuracy)),
        f"{check.kilobytes:,.0f}",
        f"{check.milliseconds:.2f}",
        f"{check.milliseconds_in_batch:.2f}",
        check.fault or "passes",
    ]


def _pair(both: tuple[float, float] | None, digits: int) -> list[str]:
    return [_number(x, digits) for x in both or (None, None)]


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def write_check(
    checks: Sequence[FormatCheck],
    source: str,
    folder: Path,
    report: Path | None = None,
) -> str:
    """Write `check.json` and `check.md`; return the text of the latter.

    Args:
        checks: results of `check_export`.
        source: source of the faces.
        folder: folder of the export.
        report: output folder, created if necessary; default: the export's.
    """
    report = report or folder
    report.mkdir(parents=True, exist_ok=True)
    # Local paths have no meaning on other machines.
    source = Path(source).name if Path(source).is_absolute() else source
    sidecar = read_sidecar(folder / NAME)
    cores = os.cpu_count() or 1
    head = {
        "command": f"facemtl export --check {folder.name} --data {source}",
        "network": dict(sidecar.training),
        "faces": checks[0].scores["n"],
        "machine": f"{platform.machine()}, {cores} {plural(cores, 'core')}",
        "versions": dict(sidecar.versions),
    }
    rows = [asdict(check) for check in checks]
    rows = [{**row, "scores": headline(row["scores"])} for row in rows]
    content = json.dumps({**head, "formats": rows}, indent=1) + "\n"
    write_whole(content, report / "check.json")
    text = f"{_caption(head)}\n\n{table(checks)}\n"
    write_whole(text, report / "check.md")
    return text


def _caption(head: Mapping[str, Any]) -> str:
    network = head["network"]
    return (
        f"`{head['command']}`: {head['faces']} "
        f"{plural(head['faces'], 'face')}; differences from "
        "`model.keras` on the same crops. The network: "
        f"{network.get('architecture', 'not recorded')}, "
        f"{network['parameters']:,} parameters, trained on {network['data']}. "
        f"The machine: {head['machine']}."
    )
