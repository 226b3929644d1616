"""Read notebooks: what they install, and what came of running them."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

INSTALL = re.compile(r'"(facemtl(?:\[\w+\])?) @ git\+(https://[^"]+)"')
CONFLICT = re.compile(r"^(\S+) \S+ requires \S+,? but you have .*$", re.M)


def code_cells(notebook: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook that run."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def told(cells: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what came of cells, of which the first installs facemtl.

    The first error, seconds, what other cells wrote to standard error, and the
    packages that do not suit what pip has installed, as pip says.
    """
    errors = [
        f"{output['ename']}: {output['evalue']}"
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]
    first, *others = map(seconds, cells)
    return {
        "error": errors[0] if errors else None,
        "install_seconds": round(first),
        "run_seconds": round(sum(others)),
        "stderr": written(cells[1:], "stderr").splitlines(),
        "conflicts": sorted(set(CONFLICT.findall(written(cells[:1])))),
    }


def seconds(cell: dict[str, Any]) -> float:
    """Return how long a cell took."""
    times = cell["metadata"]["execution"]
    begun, done = (
        datetime.fromisoformat(times[event])
        for event in ("iopub.execute_input", "shell.execute_reply")
    )
    return (done - begun).total_seconds()


def written(cells: Sequence[dict[str, Any]], stream: str = "") -> str:
    """Return what cells wrote, to one stream or to both."""
    return "".join(
        "".join(output["text"])
        for cell in cells
        for output in cell["outputs"]
        if output.get("name", "").endswith(stream) and "text" in output
    )


def installed_by(notebook: Path) -> tuple[str, str]:
    """Return what a notebook installs, and from where."""
    first = "".join(code_cells(notebook)[0]["source"])
    what, address = INSTALL.findall(first)[0]
    return what, address
