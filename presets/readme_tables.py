"""The tables of `presets/README.md`, from the committed numbers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from facemtl.markdown import mean_std, table

HERE = Path(__file__).parent
MORE = HERE.parent / "results/presets"
TRIED = (
    ("`tiny`", HERE / "tiny.json"),
    ("normalized layer", MORE / "normalized/tiny.json"),
    ("distilled from `large`", MORE / "taught/tiny.json"),
    ("rotation 20 degrees, λ 4", MORE / "tilted/tiny.json"),
    ("dense", MORE / "dense/tiny_today.json"),
    ("`base`", HERE / "base.json"),
    ("`large`: 48 x 48, mirrored", HERE / "large.json"),
    ("not mirrored", MORE / "plain/large.json"),
    ("64 x 64, margin 0.1, normalized", MORE / "margin/large.json"),
    ("color, 48 epochs", MORE / "color/large.json"),
    ("width 0.72, 48 x 48", MORE / "gray/large_plain.json"),
    ("mirrored", MORE / "gray/large.json"),
    ("width 0.35", MORE / "gray/tiny.json"),
    ("mirrored", MORE / "gray/tiny_mirrored.json"),
    ("width 0.72", MORE / "gray/base.json"),
    ("mirrored", MORE / "gray/base_mirrored.json"),
    ("dense, width 0.42", MORE / "dense/tiny.json"),
    ("dense, width 1", MORE / "dense/base_plain.json"),
    ("mirrored", MORE / "dense/base.json"),
)
HEADS = ("parameters", "M mult.-adds", "epochs", "seeds")
ERRORS = {
    "validation: NME-box, %": ("validation", "mean_error_box"),
    "test: NME-io, %": ("test", "mean_error_interocular"),
    "test: without label shift": ("test", "mean_error_interocular_shift_free"),
}
# {name in `second_look.json`: heading}
KINDS = {
    "turned by 20 degrees": "rotated by 20 degrees",
    "boxes off": "moved boxes",
}
CHANNELS = HERE.parent / "benchmarks/channels.json"
SEEN = {"accuracy": "accuracy", "balanced": "balanced_accuracy"}
ATTRIBUTES = ("smile", "gender", "glasses", "pose")
# The main error of each split.
SPLIT_ERRORS = {
    "validation": "mean_error_box",
    "test": "mean_error_interocular",
}
SPLIT_HEADS = [
    f"{split}: {head}"
    for split, nme in (("validation", "NME-box, %"), ("test", "NME-io, %"))
    for head in (nme, "gender", "smile")
]


def tried_table() -> str:
    """Return a row per network; errors are over its seeds."""
    rows = [[name, *_cells(_read(file))] for name, file in TRIED]
    return table(["network", *HEADS, *ERRORS, "attributes", "balanced"], rows)


def _cells(result: Mapping[str, Any]) -> list[str]:
    training = result["training"][result["seed"]]
    cost = training["multiply_adds"] * (2 if result["mirrored"] else 1) / 1e6
    seeds = result["seeds"]
    errors = [
        _over((x[split] for x in seeds), "landmarks", key, digits=2)
        for split, key in ERRORS.values()
    ]
    return [
        f"{training['parameters']:,}",
        f"{cost:.1f}",
        str(training["epochs"]),
        str(len(seeds)),
        *errors,
        *(
            mean_std([_attributes(scores["test"], key) for scores in seeds], 1)
            for key in SEEN.values()
        ),
    ]


def held_out_table() -> str:
    """Return a row per network and variant, and columns per held-out source.

    The last columns are means over both sources, with photos made gray.
    """
    runs = _read(HERE / "held_out.json")["runs"]
    kinds = list(dict.fromkeys(run["held_out"] for run in runs))
    of_variant: dict[tuple[str, str], list[Any]] = {}
    for run in runs:
        names = run["network"], run["variant"]
        of_variant.setdefault(names, []).append(run)
    rows = [
        [
            *names,
            *(x for run in own for x in _seen([run["other"]])),
            *_gray(own),
        ]
        for names, own in of_variant.items()
    ]
    heads = [x for kind in kinds for x in (f"{kind}: NME-box, %", *SEEN)]
    return table(
        ["network", "variant", *heads, "gray: NME-box, %", *SEEN], rows
    )


def _gray(runs: list[Any]) -> list[str]:
    """Return the cells of color networks; gray ones have no difference."""
    gray = [run["other_gray"] for run in runs if "other_gray" in run]
    return _seen(gray) if gray else [""] * (1 + len(SEEN))


def _seen(scores: list[Mapping[str, Any]]) -> list[str]:
    errors = [x["landmarks"]["mean_error_box"] for x in scores]
    shares = [
        mean(_attributes(x, key) for x in scores) for key in SEEN.values()
    ]
    return [f"{mean(errors):.2f}", *(f"{share:.1f}" for share in shares)]


def second_look_table() -> str:
    """Return a row per threshold, and three columns per kind of box."""
    found = _read(HERE / "second_look.json")["thresholds"]
    rows: dict[float | None, list[str]] = {}
    for own in found:
        rows.setdefault(own["off"], []).extend(
            [
                f"{own['again']:.0f}",
                f"{own['error_box']:.2f}",
                f"{own['accuracy']:.1f}",
            ]
        )
    kinds = list(dict.fromkeys(own["faces"] for own in found))
    keys = ("second pass, %", "NME-box, %", "accuracy")
    heads = [f"{KINDS.get(x, x)}: {key}" for x in kinds for key in keys]
    names = {None: "none (one pass)", 1.0: "rotated faces only"}
    return table(
        ["second pass for", *heads],
        [[names.get(off, f"deviation > {off}"), *x] for off, x in rows.items()],
    )


def channels_table() -> str:
    """Return costs by number of channels: multiples of 8 or 16, and others."""
    networks = _read(CHANNELS)["networks"]
    rows = [
        [
            name,
            f"{own['parameters']:,}",
            f"{own['multiply_adds'] / 1e6:.1f}",
            f"{own['face_microseconds']:.0f}",
            f"{own['step_milliseconds']:.0f}",
        ]
        for name, own in networks.items()
    ]
    heads = ("channels", *HEADS[:2], "face, µs", "step of 32 faces, ms")
    return table(heads, rows)


def _attributes(scores: Mapping[str, Any], key: str) -> float:
    return mean(scores["attributes"][task][key] for task in ATTRIBUTES)


def ceiling_table() -> str:
    """Return `base` by its training faces, then means of several networks."""
    found = _read(HERE / "ceiling.json")
    rows = [
        [f"`base`, {own['share']:.0%} of the training faces", *_known(own)]
        for own in found["shares"]
    ]
    for own in found["ensembles"]:
        n, last = own["networks"], own["last"]
        name = (
            f"mean of {n} networks, with a `{last}`" if n > 1 else f"`{last}`"
        )
        rows.append(
            [name, *_known({split: [own[split]] for split in SPLIT_ERRORS})]
        )
    return table(["network", *SPLIT_HEADS], rows)


def live_units_table() -> str:
    """Return a row per network, over its seeds."""
    runs = _read(HERE / "live_units.json")["runs"]
    of_network: dict[str, list[Any]] = {}
    for run in runs:
        of_network.setdefault(run["network"], []).append(run)
    rows = [
        [
            name,
            str(own[0]["units"]),
            f"{mean(run['live'] for run in own):.0f}",
            f"{mean(run['directions'] for run in own):.0f}",
            *_known({x: [run[x] for run in own] for x in SPLIT_ERRORS}),
        ]
        for name, own in of_network.items()
    ]
    return table(
        ["network", "units", "active", "directions", *SPLIT_HEADS], rows
    )


def _known(seeds: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return errors and accuracies of gender and smile over the seeds."""
    cells = []
    for split, key in SPLIT_ERRORS.items():
        cells.append(_over(seeds[split], "landmarks", key, digits=2))
        for task in ("gender", "smile"):
            path = ("attributes", task, "accuracy")
            cells.append(_over(seeds[split], *path, digits=1))
    return cells


def _over(seeds: Iterable[Any], *path: str, digits: int) -> str:
    values = []
    for scores in seeds:
        for key in path:
            scores = scores[key]
        values.append(scores)
    return mean_std(values, digits)


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))
