"""Files that are there whole or not at all."""

import json
from pathlib import Path
from typing import Any


def write_whole(text: str, file: Path) -> None:
    """Write a text file; a killed process leaves the old one or the new one."""
    part = file.with_name(f".part-{file.name}")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def write_json(content: Any, file: Path) -> None:
    """The same for JSON, in a line."""
    write_whole(json.dumps(content) + "\n", file)
