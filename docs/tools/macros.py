"""The numbers of the pages, from committed files: macros of mkdocs-macros.

A page names a file and a place in it, and never repeats a number:

    {{ number("results/few/results.json", "groups.0.name") }}
    {{ part("benchmarks/training.md", "## Speed") }}
"""

import json
import sys
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs/tools", "benchmarks", "benchmarks/peers", "presets")
sys.path[:0] = [str(ROOT / folder) for folder in FOLDERS]

from coordinate_figure import coordinate_figure  # noqa: E402
from data_figure import data_figure  # noqa: E402
from example_face import example_face  # noqa: E402
from network_figure import network_figure  # noqa: E402

MINUS = "−"


def define_env(env: Any) -> None:
    """Register the macros."""
    for macro in MACROS:
        env.macro(macro)


@cache
def read(file: str) -> Any:
    """The content of a committed JSON file."""
    return json.loads((ROOT / file).read_text(encoding="utf-8"))


def at(file: str, place: str) -> Any:
    """What lies at `place`, keys and indices separated by `/`.

    In a list, `name=base` is the entry with this name, and `*` all of them.
    """
    return _within(read(file), place.split("/"))


def _within(value: Any, keys: list[str]) -> Any:
    for i, key in enumerate(keys):
        if key == "*":
            return [_within(x, keys[i + 1 :]) for x in value]
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


def backend_time(backend: str) -> str:
    """The time of a step in those of TensorFlow's."""
    times = {
        name: median(found["milliseconds_a_step"])
        for name, found in read("benchmarks/backends.json").items()
    }
    return f"{times[backend] / times['tensorflow']:.1f}"


def part(file: str, heading: str = "") -> str:
    """The tables of a committed Markdown file, or of one of its sections."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if heading:
        _, found, text = text.partition(f"{heading}\n")
        if not found:
            raise ValueError(f"Expected a line {heading!r} in {file}.")
        text = text.partition("\n#")[0]
    lines = text.splitlines()
    return "\n".join(x for x in lines if x.startswith("|") or not x).strip()


def code(file: str) -> str:
    """The content of a committed file, for a block of code."""
    return (ROOT / file).read_text(encoding="utf-8").strip()


def version() -> str:
    """The version of facemtl."""
    from facemtl import __version__

    return __version__


def preset_table() -> str:
    """The presets: what they predict, their size and their card."""
    from facemtl.markdown import table
    from facemtl.presets import list_presets

    rows = [
        [
            f"[`{preset.name}`](../facemtl/presets/{preset.name}.md)",
            f"{preset.size}×{preset.size}",
            ", ".join(preset.tasks),
            f"{preset.parameters:,}",
            f"{preset.bytes / 1e6:.2f}",
            preset.data,
        ]
        for preset in list_presets()
    ]
    heads = ("preset", "crop", "tasks", "parameters", "MB", "trained on")
    return table(heads, rows)


def peers(short: bool = False) -> str:
    """Presets beside other predictors."""
    from peer_tables import readme_table

    return readme_table(
        read("benchmarks/peers/peers.json")["predictors"], short=short
    )


def attributes(short: bool = False) -> str:
    """Gender and smile by presets and by other networks."""
    from attributes_table import readme_table

    return readme_table(
        read("benchmarks/peers/attributes.json")["predictors"], short=short
    )


def fairness() -> str:
    """The accuracy of the presets' gender by age and group."""
    from fairness_table import ages_table

    return ages_table(read("presets/fairness.json"))


def detectors() -> str:
    """Face detectors beside each other."""
    from detectors import table

    return table(read("benchmarks/detectors.json"))


def box_conventions() -> str:
    """The error with the given boxes and with the detector's."""
    from facemtl.markdown import table

    columns = (
        *("given, one pass", "given, two passes"),
        *("detector, one pass", "detector, two passes"),
    )
    rows = [
        [row["faces"], f"× {row['boxes']}"]
        + ["{:.2f} ± {:.2f}".format(*row[key]) for key in columns]
        for row in read("benchmarks/box_conventions.json")["rows"]
    ]
    return table(["faces", "boxes", *columns], rows)


def few_faces() -> str:
    """NME of 68 points by the number of training faces."""
    from facemtl.markdown import table

    groups = read("results/few/results.json")["groups"]
    rows = [
        [group["name"].split()[0]]
        + [
            score("few", x["name"], "mean_error_eye_corners", "validation", i)
            for x in group["variants"]
        ]
        for i, group in enumerate(groups)
    ]
    names = [x["name"] for x in groups[0]["variants"]]
    return table(["training faces", *names], rows)


def install_sizes() -> str:
    """The cells of the sizes of packages, ours first."""
    result = read("benchmarks/install_size.json")
    ours = [row["MB"] for row in result["rows"] if not row["extra"]]
    sizes = {row["package"].split()[0]: row["MB"] for row in result["peers"]}
    cells = [f"{min(ours)} to {max(ours)}"]
    cells += [str(sizes[x]) for x in ("insightface", "mediapipe", "dlib-bin")]
    return " | ".join(cells)


def cpp_check() -> str:
    """The predictions of face.cpp beside those of Python."""
    from facemtl.markdown import table

    rows = [
        [about, row["network"], str(row["predictions"])]
        + [f"{row['largest_difference']:.6f}"]
        for about, found in read("export/apps/cpp/result.json").items()
        for row in found
    ]
    heads = ("built with", "network", "boxes", "largest difference")
    return table(heads, rows)


def study(name: str) -> str:
    """The main table of a study."""
    from facemtl.studies.report.tables import summary_table

    return summary_table(read(f"results/{name}/results.json")).markdown()


MACROS = (
    backend_time,
    *(code, version, number, score, difference, part, peers, detectors),
    *(box_conventions, few_faces, install_sizes, preset_table, cpp_check),
    *(study, network_figure, data_figure, coordinate_figure, example_face),
    *(attributes, fairness, at, rounded, interval),
)
