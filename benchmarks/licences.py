"""The licence of every package that facemtl needs, as each package says it.

    python benchmarks/licences.py --out docs/licences.md

Of the packages that are installed beside facemtl, as `make` does it; CI fails
where one of them has no row, or one for predicting or training has a licence
that their users would have to pass on (GPL and the like). `make licences` runs
it.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from facemtl.errors import InputError
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.markdown import table
from facemtl.process.cli import run

# Who needs a package, the widest first: facemtl itself, or one of its extras.
EXTRAS = ("", "train", "export", "tuning", "dev", "docs")
FREE = ("facemtl", "train")  # Who must not need a GPL-like licence.
SHARED_ALIKE = re.compile(
    r"\b[AL]?GPL|GNU|\bSSPL|\bBUSL|-NC\b|non-?commercial", re.I
)
OPEN = "License :: OSI Approved :: "
HEAD = """# Licences of what facemtl needs

Made by `make licences`, from what the packages say of themselves. *facemtl*: it
needs the package to predict; else the extra that does. A wheel may hold
libraries with licences of their own, which its `dist-info` lists: that of
opencv-python-headless has FFmpeg (LGPL 2.1), those of numpy and scipy GCC's
runtime (GPL 3 with its runtime exception). facemtl itself contains YuNet, the
face detector (MIT, `facemtl/detection/yunet.LICENSE`), and networks trained on
MTFL (for research only). The web app's build adds LiteRT.js (Apache 2.0).

"""


def main(argv: Sequence[str] | None = None) -> int:
    """Write the table; 1 where facemtl needs what it must not."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", required=True, metavar="FILE.md")
    out = check_file(parser.parse_args(argv).out, "--out")
    needed = needed_packages()
    rows = [
        (name, licence(installed(name)), extra or "facemtl")
        for name, extra in sorted(needed.items())
    ]
    head = ("package", "licence", "needed by")
    write_whole(f"{HEAD}{table(head, rows)}\n", out)
    faults = [row for row in rows if row[2] in FREE and unwanted(row[1])]
    for name, words, _ in faults:
        print(f"{name}: {words}", file=sys.stderr)
    return 1 if faults else 0


def needed_packages() -> dict[str, str]:
    """{name of an installed package: the first of `EXTRAS` that needs it}."""
    found: dict[str, str] = {}
    for extra in EXTRAS:
        for name in tree(extra):
            found.setdefault(name, extra)
    return found


def tree(extra: str) -> set[str]:
    """Names of all packages that facemtl needs with an extra, "" for none."""
    to_do, seen = [("facemtl", extra)], set()
    while to_do:
        name, extra = one = to_do.pop()
        if one in seen:
            continue
        seen.add(one)
        for need in map(Requirement, installed(name).requires or []):
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                name = canonicalize_name(need.name)
                to_do += [(name, part) for part in ("", *need.extras)]
    return {name for name, _ in seen} - {"facemtl"}


def installed(name: str) -> Distribution:
    """What is known of an installed package."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise InputError(
            f"Expected the package {name} to be installed. Received: none. Run "
            "this in the environment that make sets up."
        ) from None


def licence(package: Distribution) -> str:
    """What a package says: SPDX, classifiers, or the start of its text."""
    spdx, kinds, text, files = (
        package.metadata.get_all(name) or []
        for name in ("License-Expression", "Classifier", "License")
        + ("License-File",)
    )
    kinds = [x.removeprefix(OPEN) for x in kinds if x.startswith("License ::")]
    texts = [package.read_text(f"licenses/{name}") or "" for name in files]
    lines = "\n".join(text or texts).splitlines()
    start = " ".join(line for line in lines[:3] if line)
    return ", ".join(spdx or kinds) or start or "?"


def unwanted(words: str) -> bool:
    """Whether a licence is unknown, or binds those who use facemtl."""
    return words == "?" or bool(SHARED_ALIKE.search(words))


if __name__ == "__main__":
    run(main)
