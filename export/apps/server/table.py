"""The attacks and what came of them, as JSON and as a Markdown table."""

from pathlib import Path
from typing import Any

from facemtl.files.writing import write_json, write_whole
from facemtl.markdown import table
from facemtl.words import one_line

HEADS = (
    "tried",
    "received",
    "said",
    "s",
    "other client: p50, ms",
    "p99, ms",
    "failed",
    "most MB",
)
SAID = 110  # Characters of what was said.


def write_table(result: dict[str, Any], file: Path) -> None:
    """The result as JSON, and beside it as Markdown."""
    write_json(result, file)
    write_whole(markdown(result), file.with_suffix(".md"))


def markdown(result: dict[str, Any]) -> str:
    """The report of all attacks."""
    package = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
    rows = result["attacks"]
    return "\n".join(
        [
            f"`{result['command']}` on {result['machine']} ({package}); model "
            f"`{result['model']}`, two workers, the attackers on the same "
            "processor:",
            "",
            table(HEADS, [_row(row) for row in rows]),
            "",
            f"{sum(row['unexpected'] for row in rows)} responses of another "
            "kind than expected; the other client, which sends a small photo "
            f"with a box each 50 ms, failed {_failures(rows)} times of "
            f"{sum(row['requests'] for row in rows):,}.",
            "",
        ]
    )


def _failures(rows: list[dict[str, Any]]) -> int:
    return sum(row["failures"] for row in rows)


def _row(row: dict[str, Any]) -> list[str]:
    statuses = ", ".join(
        key if count == 1 else f"{count:,} x {key}"
        for key, count in row["statuses"].items()
    )
    said = one_line(row["said"]).replace("|", " ")
    short = said if len(said) <= SAID else f"{said[:SAID]}…"
    return [
        row["attack"],
        statuses,
        short,
        f"{row['seconds']:.1f}",
        f"{row['p50_ms']:.0f}",
        f"{row['p99_ms']:.0f}",
        f"{row['failures']} of {row['requests']}",
        f"{row['most_mb']:.0f}",
    ]
