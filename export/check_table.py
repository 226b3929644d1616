"""What `--check` prints and keeps: one table, and the same as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from facemtl.export.check import FormatCheck

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


def table(checks: Sequence[FormatCheck]) -> str:
    """A Markdown table, a row a format."""
    rows = [HEADS, ["---"] * len(HEADS), *map(_row, checks)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


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
    checks: Sequence[FormatCheck], source: str, folder: Path
) -> str:
    """Keep `check.json` and `check.md` in the folder; the latter's text."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    faces = checks[0].scores["n"]
    head = {"source": Path(source).name, "faces": faces, "machine": machine}
    content = {**head, "formats": [asdict(check) for check in checks]}
    text = (
        f"`facemtl export --check {folder.name} --data {head['source']}`: "
        f"{faces} faces; differences from `model.keras` on the same crops; "
        f"{machine}.\n\n{table(checks)}\n"
    )
    _write(folder / "check.json", json.dumps(content, indent=1) + "\n")
    _write(folder / "check.md", text)
    return text


def _write(file: Path, text: str) -> None:
    part = file.with_name(f".part-{file.name}")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
