"""The packages of facemtl and who imports whom, read from the sources.

    python tests/package_imports.py

prints the picture in CONTRIBUTING.md. Its table of packages is their order: a
module imports from its own row and the rows above.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
# What ties the package together: it is imported by name, and nothing by it.
NO_PACKAGE = {"facemtl", "facemtl.__main__", "facemtl.registration"}


def rows() -> list[list[str]]:
    """The packages of each row of CONTRIBUTING's table, from the lowest on."""
    text = CONTRIBUTING.read_text("utf-8").partition("## Where things are")[2]
    table = text.partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    return [re.findall(r"`([a-z_./]+?)(?:\.py|/)?`", cell) for cell in cells]


def modules() -> dict[str, Path]:
    """Every module of facemtl, but those of the apps, which import from it."""
    found = {}
    for folder in ("facemtl", "tuning", "export"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            linked = parts[:2] in (("facemtl", "tuning"), ("facemtl", "export"))
            if linked or "apps" in parts:
                continue
            parts = parts if folder == "facemtl" else ("facemtl", *parts)
            found[".".join(parts).removesuffix(".__init__")] = file
    return found


def imports(file: Path) -> Iterator[str]:
    """What a module imports of facemtl, inside its functions too."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (x.name for x in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{x.name}" for x in node.names)


def package_of(name: str, packages: list[str]) -> str | None:
    """The innermost of the packages that a module, or a name in it, is of."""
    path = name.removeprefix("facemtl.").replace(".", "/") + "/"
    homes = [x for x in packages if path.startswith(f"{x}/")]
    return max(homes, key=len, default=None)


def edges() -> set[tuple[str, str, str]]:
    """(importing package, imported package, importing module)."""
    packages = [package for row in rows() for package in row]
    found = set()
    for module, file in modules().items():
        if module in NO_PACKAGE:
            continue
        own = package_of(module, packages)
        for name in imports(file):
            other = package_of(name, packages)
            if name.startswith("facemtl.") and other and other != own:
                found.add((str(own), other, module))
    return found


def picture() -> str:
    """A Mermaid graph of the packages, without arrows that others imply."""
    direct = {(own, other) for own, other, _ in edges()}
    order = [x for row in rows() for x in row]
    drawn = {x for x in order if (ROOT / "facemtl" / x).is_dir()}
    direct = {(a, b) for a, b in direct if a in drawn and b in drawn}
    reach: dict[str, set[str]] = {}
    for package in order:
        lower = {b for a, b in direct if a == package}
        reach[package] = lower.union(*(reach[x] for x in lower))
    implied = {(a, c) for a, b in direct for c in reach[b] if (a, c) in direct}
    lines = sorted(direct - implied, key=lambda x: [order.index(y) for y in x])
    return "\n".join(
        ["```mermaid", "graph BT"]
        + [
            f"  {a.replace('/', '.')} --> {b.replace('/', '.')}"
            for a, b in lines
        ]
        + ["```"]
    )


if __name__ == "__main__":
    print(picture())
