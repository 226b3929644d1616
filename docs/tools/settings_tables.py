"""Every setting as tables: the lines and comments of `default.toml`."""

import re
from pathlib import Path

from facemtl.markdown import table

FILE = Path(__file__).parents[2] / "facemtl/presets/default.toml"
SECTION = re.compile(r"\[([\w.]+)\](?:\s+# (.*))?")
SETTING = re.compile(r"(\w+) = (.+?)(?:\s+# (.*))?")


def settings_tables() -> str:
    """Return a heading and a table for each section."""
    sections = FILE.read_text("utf-8").split("\n[")[1:]
    return "\n".join(_section(f"[{lines}") for lines in sections)


def _section(lines: str) -> str:
    first, *rest = lines.splitlines()
    name, about = _parts(SECTION, first)
    rows: list[list[str]] = []
    for line in filter(None, rest):
        if line.startswith(" "):
            rows[-1][2] += f" {line.strip('# ')}"
            continue
        key, value, meaning = _parts(SETTING, line)
        # In plain text, {…} at the end of a cell would set its attributes.
        meaning = re.sub(r"\{.+?\}", r"`\g<0>`", meaning)
        rows.append([f"`{name}.{key}`", f"`{value}`", meaning])
    rows = [[x.replace("|", r"\|") for x in row] for row in rows]
    said = f"{about[0].upper()}{about[1:]}.\n\n" if about else ""
    cells = table(["setting", "default", "meaning"], rows)
    return f"## {name}\n\n{said}{cells}\n"


def _parts(pattern: re.Pattern[str], line: str) -> list[str]:
    found = pattern.fullmatch(line)
    if found is None:
        raise ValueError(f"Expected a line of {FILE.name}. Received: {line!r}.")
    return [part or "" for part in found.groups()]
