"""Write results of `check.py` and `attack.py` as JSON and Markdown."""

from pathlib import Path
from typing import Any

from facemtl.files.writing import write_json, write_whole
from facemtl.markdown import table
from facemtl.words import one_line

HEADS = ("requests", "number", "wrong answers", "p50, ms", "p99, ms", "longest")
ATTACK_HEADS = (
    *("tried", "received", "said", "s", "other client: p50, ms", "p99, ms"),
    *("failed", "most MB"),
)
SAID = 110  # maximum characters of a message


def write_result(result: dict[str, Any], file: Path) -> None:
    """Write the result as JSON and Markdown, and print it."""
    text = (attack_markdown if "attacks" in result else markdown)(result)
    write_json(result, file)
    write_whole(text, file.with_suffix(".md"))
    print(text)


def markdown(result: dict[str, Any]) -> str:
    """Return the report of a load test."""
    load, memory = result["load"], result["memory"]
    killed = result["worker_killed"]
    package = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
    return "\n".join(
        [
            f"`{result['command']}` on {result['machine']} ({package}); "
            f"model `{result['model']}`, {result['photos']}, two workers, "
            f"{load['users']} users at once, who share the processor:",
            "",
            kinds_table(load["kinds"]),
            "",
            f"{load['a_second']:.0f} requests a second. Memory of all "
            f"processes: {memory['first_tenth_mb']} MB in the first tenth of "
            f"the time, {memory['last_tenth_mb']} in the last, "
            f"{memory['most_mb']} at most.",
            "",
            f"A worker killed in {killed['requests']:,} requests: "
            f"{killed['lost']} got no answer and an error instead, "
            f"{killed['workers_after']} workers after it, "
            f"{killed['wrong_after']} wrong answers of 200 more.",
            "",
        ]
    )


def kinds_table(kinds: dict[str, dict[str, float]]) -> str:
    """Return a table with a row per kind of request."""
    return table(
        HEADS,
        [
            [
                kind.replace("Aggregated", "all"),
                f"{x['requests']:,}",
                str(x["failures"]),
                *(f"{x[k]:.0f}" for k in ("p50_ms", "p99_ms", "longest_ms")),
            ]
            for kind, x in kinds.items()
        ],
    )


def attack_markdown(result: dict[str, Any]) -> str:
    """Return the report of all attacks."""
    package = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
    rows = result["attacks"]
    return "\n".join(
        [
            f"`{result['command']}` on {result['machine']} ({package}); model "
            f"`{result['model']}`, two workers, the attackers on the same "
            "processor:",
            "",
            table(ATTACK_HEADS, [_row(row) for row in rows]),
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
