"""A study: its variants, seeds and baselines."""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facemtl.config import Config, load_config, read_toml, update
from facemtl.dotted_names import nested, parse_setting
from facemtl.errors import InputError
from facemtl.setting_checks import check_ranges

MOST_SEEDS, MOST_VARIANTS = 10_000, 1000
SHIPPED = Path(__file__).parent / "shipped"
# The keys of a study's TOML file, with their types.
STUDY_KEYS = {
    "title": str,
    "question": str,
    "seeds": int,
    "baselines": list,
    "settings": dict,
    "groups": list,
    "variants": list,
}
GROUP_KEYS = {"name": str, "settings": dict, "variants": list}
VARIANT_KEYS = {"name": str, "model": str, "settings": dict, "each": dict}


@dataclass(frozen=True)
class Variant:
    """A network to compare: its name, group and complete settings."""

    name: str
    group: str
    config: Config


@dataclass(frozen=True)
class Study:
    """What `facemtl compare` trains and compares.

    Attributes:
        name: name of the file.
        title, question: shown at the top of the report.
        seeds: number of seeds, counted from 0.
        baselines: names of variants. Every other variant of a group is
            compared with each of them.
        variants: the variants of all groups.
    """

    name: str
    title: str
    question: str
    seeds: int
    baselines: tuple[str, ...]
    variants: tuple[Variant, ...] = field(repr=False)


def study_names() -> list[str]:
    """Return the names of the studies in the package.

    Example:

    >>> "variants" in study_names()
    True
    """
    return sorted(file.stem for file in SHIPPED.glob("*.toml"))


def load_study(
    name: str | Path, seeds: int = 0, settings: Iterable[str] = ()
) -> Study:
    """Read a study.

    Args:
        name: one of `study_names()`, or a TOML file.
        seeds: overrides the study's number of seeds; 0 keeps it.
        settings: `"key=value"` strings that override settings of all variants.

    Raises:
        InputError: if the study or a key is unknown, there are no variants,
            two variants of a group share a name, or a baseline is not a
            variant.

    Example:

    >>> load_study("variants").seeds
    5
    """
    shipped = SHIPPED / f"{name}.toml"
    file = shipped if shipped.is_file() else Path(name)
    if not file.is_file():
        raise InputError(
            f"Expected a study in {study_names()} or a TOML file. "
            f"Received: '{name}'."
        )
    content = read_toml(file)
    _check_keys(content, STUDY_KEYS, str(file))
    variants = tuple(_variants(content, list(settings), str(file)))
    study = Study(
        file.stem,
        content.get("title", file.stem),
        content.get("question", ""),
        seeds or content.get("seeds", 3),
        tuple(content.get("baselines", ())),
        variants,
    )
    _check_study(study, str(file))
    return study


def _variants(
    content: Mapping[str, Any], settings: list[str], source: str
) -> Iterable[Variant]:
    """Return the variants of all groups with their complete configurations."""
    everywhere = [content.get("settings", {})]
    last = [parse_setting(setting) for setting in settings]
    groups = content.get("groups", [{"name": ""}])
    for i, group in enumerate(groups, start=1):
        _check_keys(group, GROUP_KEYS, f"{source}: group {i}")
        in_group = [*everywhere, group.get("settings", {})]
        given_here = [*group.get("variants", []), *content.get("variants", [])]
        for k, given in enumerate(given_here, start=1):
            where = f"{source}: variant {k}"
            _check_keys(given, VARIANT_KEYS, where)
            for name, own in _each(given, where):
                config = load_config(given.get("model", ""))
                for part in (*in_group, *own, *last):
                    update(config, part, where)
                check_ranges(config)
                yield Variant(name, group["name"], config)


def _each(
    given: Mapping[str, Any], where: str
) -> Iterable[tuple[str, list[Config]]]:
    """Yield name and settings of a variant for each combination of `each`."""
    keys = given.get("each", {})
    if given["name"].count("{}") != len(keys):
        raise InputError(
            f"{where}: expected a name with a {{}} for each of {list(keys)}. "
            f"Received: '{given['name']}'."
        )
    for key, values in keys.items():
        if not isinstance(values, list) or not values:
            raise InputError(
                f"{where}: expected each = {{ {key} = [values] }}. "
                f"Received: {values!r}."
            )
    if math.prod(map(len, keys.values())) > MOST_VARIANTS:
        raise InputError(
            f"{where}: expected at most {MOST_VARIANTS:,} combinations of "
            f"each. Received: {math.prod(map(len, keys.values())):,}."
        )
    for values in itertools.product(*keys.values()):
        chosen = [nested(k, v) for k, v in zip(keys, values, strict=True)]
        name = given["name"]
        for value in values:
            name = name.replace("{}", _in_words(value), 1)
        yield name, [given.get("settings", {}), *chosen]


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return " + ".join(map(str, value))
    return f"{value}"


def _check_keys(content: Any, known: Mapping[str, type], where: str) -> None:
    if not isinstance(content, Mapping):
        raise InputError(
            f"{where}: expected a table of {list(known)}. "
            f"Received: {content!r}."
        )
    for key, value in content.items():
        if key not in known:
            raise InputError(
                f"{where}: unknown key '{key}'. Expected one of {list(known)}."
            )
        if type(value) is not known[key]:
            raise InputError(
                f"{where}: expected {key} as a {known[key].__name__}. "
                f"Received: {value!r}."
            )
    if "name" in known and "name" not in content:
        raise InputError(f"{where}: expected a name. Received: none.")


def _check_study(study: Study, source: str) -> None:
    if not study.variants:
        raise InputError(f"{source}: expected [[variants]]. Received: none.")
    for fits, limit in (
        (study.seeds >= 1, ">= 1"),
        (study.seeds <= MOST_SEEDS, f"<= {MOST_SEEDS}"),
    ):
        if not fits:
            raise InputError(
                f"{source}: expected seeds {limit}. Received: {study.seeds}."
            )
    names = Counter((v.group, v.name) for v in study.variants)
    (_, name), count = names.most_common(1)[0]
    if count > 1:
        raise InputError(
            f"{source}: expected a different name for each variant. "
            f"Received: {count} times '{name}'."
        )
    known = {v.name for v in study.variants}
    missing = [name for name in study.baselines if str(name) not in known]
    if missing:
        raise InputError(
            f"{source}: expected baselines out of {sorted(known)}. "
            f"Received: {missing}."
        )
