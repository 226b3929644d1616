"""Errors by age, group and gender in words and tables."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from facemtl.files.json_text import strict_json
from facemtl.markdown import table

FILE = Path(__file__).with_name("fairness.json")
NONE = "–"
TITLES = {
    "gender": "labelled gender",
    "smile": "labelled smile",
    "glasses": "labelled glasses",
}
YOUNG = "0–4"
ADULT = "30–59"
# The least accuracy of what is kept with which abstaining counts as enough.
ENOUGH = 90.0
ABOUT = (
    "MORE's validation faces, which `presets/more.py` keeps from training: "
    "{UTKFace:,} of UTKFace, with age and group, and {CelebA:,} of CelebA. "
    "Accuracies have 95 % intervals (Wilson). Groups are coarse impressions of "
    "UTKFace's authors and serve to report errors alone. Its labels of gender "
    "come from a classifier that people checked; some are wrong, above all "
    "those of small children. MORE has no points, so their errors cannot be "
    "given by age or group: beside `Face.confidence` stands the predicted "
    "deviation σ of the points."
)
GAPS = (
    "Each cell whose accuracy is more than {gap:g} points below that of the "
    "best one of its grouping, and the difference with its 95 % interval "
    "(Newcombe), not corrected for the choice of the best:"
)
ABSTAINING = (
    "Share of the faces of UTKFace, in percent, that have at least this "
    "probability / share of these that is right:"
)
HEADS = (
    *("attribute", "by", "faces", "n", "accuracy, %", "mean probability, %"),
    *("below {sure:g}, %", "the others: accuracy, %"),
    *("confidence ≥ 0.5, %", "σ, % of the box"),
)


def document(result: Mapping[str, Any]) -> str:
    """Return all of `fairness.md`."""
    versions = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
    sections = [
        part
        for name, own in result["networks"].items()
        for part in (
            f"## {name}",
            cells_table(result, own),
            f"### Abstaining: gender of {name}",
            ABSTAINING,
            abstaining_table(result, own),
            f"### Gaps of {name}",
            gaps_table(own),
        )
    ]
    return "\n\n".join(
        [
            "# Errors of attributes by age, group and gender",
            f"    {result['command']}",
            f"{result['machine']}. {versions}.",
            ABOUT.format(**result["faces"]),
            GAPS.format(**result),
            *sections,
            "",
        ]
    )


def cells_table(
    result: Mapping[str, Any], own: Mapping[str, Any], crossed: bool = True
) -> str:
    """Return a row per attribute and cell, of crossed groupings or not."""
    rows = [
        [task, f"{part}: {_title(grouping, task)}", *_cells(name, cell)]
        for part, task, grouping, name, cell in _all_cells(own)
        if crossed or " and " not in grouping
    ]
    heads = [x.format(**result) for x in HEADS]
    return table(heads, rows)


def abstaining_table(result: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """Return a row per group of ages, and a column per least probability."""
    ages = own["parts"]["UTKFace"]["gender"]["age"]
    heads = max((list(x["surer"]) for x in ages.values()), key=len)
    rows = []
    for name, cell in ages.items():
        kept = [(100.0 - cell["below"], (cell["kept"] or [None])[0])]
        for x in heads:
            n, right = cell["surer"].get(x, (0, None))
            kept.append((100 * n / cell["n"], right))
        cells = [
            f"{share:.0f} / {NONE if right is None else f'{right:.0f}'}"
            for share, right in kept
        ]
        rows.append([name, str(cell["n"]), *cells])
    return table(["years", "n", f"{result['sure']:g}", *heads], rows)


def gaps_table(own: Mapping[str, Any]) -> str:
    """Return a row per gap, the largest first."""
    rows = [(part, row) for part, rows in own["gaps"].items() for row in rows]
    rows.sort(key=lambda x: -x[1]["difference"][0])
    heads = ("attribute", "faces", "best", "points below the best")
    cells = [
        [
            row["task"],
            f"{part}: {row['cell']} ({_title(row['grouping'], row['task'])})",
            row["best"],
            "{:.1f} ({:.1f} … {:.1f})".format(*row["difference"]),
        ]
        for part, row in rows
    ]
    return table(heads, cells) if cells else "None."


def ages_table(result: Mapping[str, Any]) -> str:
    """Return the accuracy of gender by age and group, a row a network."""
    rows, heads = [], ["network"]
    for name, own in result["networks"].items():
        found = own["parts"]["UTKFace"]["gender"]
        cells = {**found["age"], **found["group"]}
        heads = ["network", *cells]
        rows.append(
            [name, *(f"{x['accuracy'][0]:.1f}" for x in cells.values())]
        )
    return table(heads, rows)


def section(preset: Mapping[str, Any]) -> str:
    """Return the tables in the card of a preset; "" if they are not of it."""
    result, own = found_of(preset)
    if not own:
        return ""
    return "\n\n".join(
        [
            ABOUT.format(**result["faces"]) + f" By `{result['command']}`.",
            cells_table(result, own, crossed=False),
            GAPS.format(**result),
            gaps_table(own),
        ]
    )


def limits(preset: Mapping[str, Any]) -> str:
    """Return what the card's limits say of age and groups."""
    result, own = found_of(preset)
    if not own:
        return (
            "Errors by age and group were not measured: "
            "`presets/fairness.py` does."
        )
    return f"{_children(result, own)}\n\n{_groups(result, own)}"


def found_of(
    preset: Mapping[str, Any],
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return all that was measured, and what of a preset's present network.

    Args:
        preset: the content of its JSON; what `presets/reliability.py` measured
            names the network.
    """
    result = strict_json(FILE.read_bytes())
    own = result["networks"].get(preset["preset"], {})
    file = preset.get("reliability", {}).get("network")
    return result, own if own.get("network") == file else {}


def _children(result: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    age = own["parts"]["UTKFace"]["gender"]["age"]
    young, adult, sure = age[YOUNG], age[ADULT], result["sure"]
    kept = young["kept"][0] if young["kept"] else 0.0
    text = (
        f"Children: gender is right for {young['accuracy'][0]:.0f} % of the "
        f"faces under 5 years and {age['5–14']['accuracy'][0]:.0f} % of those "
        f"of 5 to 14 years, but {adult['accuracy'][0]:.0f} % of those of "
        f"{ADULT} years. Of the faces under 5 years, {young['below']:.0f} % "
        f"have a probability below {sure:g} ({adult['below']:.0f} % of those "
        f"of {ADULT} years); of the others, {kept:.0f} % are right. "
    )
    if kept < ENOUGH:
        return text + (
            "So the probability warns of too few of these errors: do not ask "
            "for the gender of children."
        )
    return text + f"Take their gender only from a probability of {sure:g}."


def _groups(result: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    named = [
        f"{row['task']}, {row['cell']} ({_title(row['grouping'], row['task'])}"
        f", {part}): {row['difference'][0]:.1f}"
        for part, rows in own["gaps"].items()
        for row in rows
        if " and " not in row["grouping"]
    ]
    if not named:
        return f"No group is more than {result['gap']:g} points below another."
    return (
        f"Accuracies more than {result['gap']:g} points below the best group's "
        f"(the table above has those of pairs, too): {'; '.join(named)}."
    )


def _all_cells(own: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for part, tasks in own["parts"].items():
        for task, groupings in tasks.items():
            for grouping, cells in groupings.items():
                for name, cell in cells.items():
                    yield part, task, grouping, name, cell


def _cells(name: str, cell: Mapping[str, Any]) -> list[str]:
    return [
        name,
        f"{cell['n']:,}",
        _interval(cell["accuracy"]),
        f"{cell['probability']:.1f}",
        f"{cell['below']:.1f}",
        _interval(cell["kept"]) if cell["kept"] else NONE,
        f"{cell['confidence']:.1f}" if "confidence" in cell else NONE,
        f"{cell['sigma_box']:.2f}" if "sigma_box" in cell else NONE,
    ]


def _interval(values: list[float]) -> str:
    return "{:.1f} ({:.1f} … {:.1f})".format(*values)


def _title(grouping: str, task: str) -> str:
    return TITLES.get(grouping, grouping)
