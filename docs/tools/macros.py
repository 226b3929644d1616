"""The numbers of the pages, from committed files: macros of mkdocs-macros.

A page names a file and a place in it, and never repeats a number:

    {{ number("results/few/results.json", "groups/0/variants/0/parameters") }}
    {{ part("benchmarks/training.md", "## Speed") }}

Pages that no build fills have claims in `tests/claims`.
"""

import sys
from pathlib import Path
from statistics import median
from typing import Any

FOLDERS = ("docs/tools", "benchmarks", "benchmarks/peers", "presets")
ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in FOLDERS]

from committed import (  # noqa: E402
    at,
    budget,
    difference,
    faces,
    interval,
    number,
    read,
    rounded,
    score,
    seeds,
)
from coordinate_figure import coordinate_figure  # noqa: E402
from data_figure import data_figure  # noqa: E402
from example_face import example_face  # noqa: E402
from network_figure import network_figure  # noqa: E402
from settings_tables import settings_tables  # noqa: E402


def define_env(env: Any) -> None:
    """Register the macros."""
    for macro in MACROS:
        env.macro(macro)


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
    from few_chart import LINES

    from facemtl.markdown import table

    groups = read("results/few/results.json")["groups"]
    rows = [
        [group["name"].split()[0]]
        + [
            score(study, name, "mean_error_eye_corners", "validation", i)
            for study, name in LINES
        ]
        for i, group in enumerate(groups)
    ]
    return table(["training faces", *(name for _, name in LINES)], rows)


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
    *(attributes, fairness, at, rounded, interval, budget, seeds, faces),
    settings_tables,
)
