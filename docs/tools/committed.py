"""The one reader of the numbers in committed files, and their forms."""

import json
import runpy
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MINUS = "−"


@cache
def read(file: str | Path) -> Any:
    """The content of a committed JSON or TOML, or a module's constants."""
    path = ROOT / file
    if path.suffix == ".py":
        return runpy.run_path(str(path))
    text = path.read_text(encoding="utf-8")
    return tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)


def at(file: str, place: str) -> Any:
    """What lies at `place`, keys and indices separated by `/`.

    In a list, `name=base` is the entry with this name; `*` is all entries.
    """
    return _within(read(file), place.split("/"))


def _within(value: Any, keys: list[str]) -> Any:
    for i, key in enumerate(keys):
        if key == "*":
            entries = value.values() if isinstance(value, dict) else value
            return [_within(x, keys[i + 1 :]) for x in entries]
        if isinstance(value, dict):
            value = value[key]
        elif "=" in key:
            field, _, wanted = key.partition("=")
            (value,) = (x for x in value if str(x[field]) == wanted)
        else:
            value = value[int(key)]
    return value


def number(file: str, place: str, digits: int = 2, scale: float = 1) -> str:
    """One number, with this many digits after the point."""
    return rounded(at(file, place) * scale, digits)


def rounded(value: float, digits: int = 2, sign: str = "") -> str:
    """A number with this many digits after the point."""
    return f"{value:{sign},.{digits}f}".replace("-", MINUS)


def variant(study: str, name: str, group: int = 0) -> dict[str, Any]:
    """A variant of a study in `results/`."""
    variants = read(f"results/{study}/results.json")["groups"][group]
    (found,) = (x for x in variants["variants"] if x["name"] == name)
    return found


def score(
    study: str, name: str, measure: str, split: str, group: int = 0
) -> str:
    """Mean ± standard deviation of a variant over its seeds."""
    found = variant(study, name, group)["scores"][split][measure]
    return "{mean:.2f} ± {std:.2f}".format(**found)


def difference(
    study: str,
    name: str,
    baseline: str,
    measure: str,
    split: str,
    group: int = 0,
) -> str:
    """A variant minus a baseline, its 95 % interval, and what that shows."""
    found = variant(study, name, group)
    against = found["against"][baseline][split][measure]
    errors = read(f"results/{study}/results.json")["measures"][measure]
    word = _shown(against["low"], against["high"], errors["less_is_better"])
    return interval(against, word)


def interval(found: Any, word: str = "") -> str:
    """A difference and the ends of its interval, from a dict or a list."""
    values = list(found.values() if isinstance(found, dict) else found)
    parts = [rounded(x, sign="+") for x in values[:3]]
    return "{}{} ({} … {})".format(parts[0], word, *parts[1:])


def _shown(low: float, high: float, less_is_better: bool) -> str:
    """Return whether an interval of a difference excludes 0, and how."""
    if low <= 0 <= high:
        return ""
    return " better" if (high < 0) == less_is_better else " worse"


def seeds(study: str) -> int:
    """The number of seeds of each variant of a study."""
    return int(at(f"results/{study}/results.json", "study/seeds"))


def faces(split: str = "test", share: float = 1) -> str:
    """MTFL's faces of a split, or a share of them."""
    if split == "train":
        return number("benchmarks/pipeline.json", "crop_once/faces", 0, share)
    place = f"groups/0/variants/0/faces/{split}"
    return number("results/variants/results.json", place, 0, share)


def budget(study: str) -> str:
    """The runs of a study, and the minutes that they trained."""
    place = "groups/*/variants/*/training_seconds"
    groups = at(f"results/{study}/results.json", place)
    seconds = [x for group in groups for runs in group for x in runs]
    return f"{len(seconds)} runs, {sum(seconds) / 60:.0f} min of training"
