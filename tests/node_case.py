"""Modules of the web page, run by Node.js."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from chromium_case import needed

PAGE = Path(__file__).parent.parent / "export/apps/web/page"


def node(program: str, given: Any) -> Any:
    """Return what a program prints as JSON; `given` is its input.

    The program may import the page's modules, and print by `tell(value)`.
    """
    begin = """
    import { readFileSync, writeFileSync } from "node:fs";
    const given = JSON.parse(readFileSync(0, "utf8"));
    const tell = (value) => console.log(JSON.stringify(value));
    const photoOf = ({ file, width, height }) => (
      { width, height, data: new Uint8ClampedArray(readFileSync(file)) });
    """
    done = subprocess.run(
        [needed("node"), "--input-type=module", "--eval", begin + program],
        input=json.dumps(given),
        cwd=PAGE,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rgba_file(photo: np.ndarray, file: Path) -> dict[str, Any]:
    """Write a photo (H, W, 3) for `photoOf`; return where it is."""
    height, width = photo.shape[:2]
    opaque = np.full((height, width, 1), 255, np.uint8)
    file.write_bytes(np.concatenate([photo, opaque], axis=2).tobytes())
    return {"file": str(file), "width": width, "height": height}
