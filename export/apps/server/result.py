"""The measured numbers as JSON and as a Markdown table."""

from pathlib import Path
from typing import Any

from facemtl.files.writing import write_json, write_whole
from facemtl.markdown import table

HEADS = ("requests", "number", "wrong answers", "p50, ms", "p99, ms", "longest")


def write_result(result: dict[str, Any], folder: Path) -> None:
    """`result.json` and `result.md`, and the latter to the screen."""
    write_json(result, folder / "result.json")
    text = markdown(result)
    write_whole(text, folder / "result.md")
    print(text)


def markdown(result: dict[str, Any]) -> str:
    """The report of one measurement."""
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
    """A row a kind of request."""
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
