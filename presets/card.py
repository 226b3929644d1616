"""The card of a preset: facts, scores by group, and limits of use."""

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

from confidence_table import confidence
from fairness_table import limits, section
from stable_points import stable_points

from facemtl.files.writing import write_whole
from facemtl.markdown import mean_std, table

Result = Mapping[str, Any]  # content of a preset's JSON
Rows = list[list[str]]
POINTS = {
    "NME-box, %": "mean_error_box",
    "FR@5 %-box, %": "failure_rate_box_5",
    "NME-io, %": "mean_error_interocular",
    "NME-io without the label shift, %": "mean_error_interocular_shift_free",
    "FR@10 %-io, %": "failure_rate_interocular_10",
}
# Balanced accuracy is the mean over the classes.
SHARES = {"%": "accuracy", "balanced, %": "balanced_accuracy"}
GROUPS = ("pose", "gender", "glasses", "smile")
SPLITS = {"validation": "validation", "test": "AFLW"}
PASSES = ("one pass", "two passes")
ABOUT_PASSES = (
    "`Predictor` runs a second pass for faces that are rotated by more than 10 "
    "degrees, off-centre or badly scaled in their box. These faces take about "
    "three times as long.\n\n"
)
ROTATED = (
    "The validation photos were rotated about the centre of the face box, half "
    "of them in each direction. The accuracies are those of two passes.\n\n"
)
LIMITS = Path(__file__).parent / "limits.md"


def write_card(result: Result, file: Path) -> None:
    """Write the card as Markdown, atomically."""
    write_whole(card(result), file)


def card(result: Result) -> str:
    """Return the text of the card."""
    name = result["preset"]
    parts = {
        f"Preset `{name}`": f"`facemtl.Predictor.load({name!r})`\n\n"
        + table(["", ""], _facts(result)),
        _scores_title(len(result["seeds"])): ABOUT_PASSES
        + table(
            ["", *(f"{x}, {y}" for x in SPLITS.values() for y in PASSES)],
            _spread(result),
        ),
        "Confidence": confidence(result),
        "Rotated faces": ROTATED
        + table(
            [
                "degrees",
                *(f"NME-box, %, {x}" for x in PASSES),
                *(f"{x}, %" for x in GROUPS),
            ],
            _rotated(result),
        ),
        "Stable points": stable_points(result),
        "Scores by group": _seed(result)
        + "\n\n"
        + table(["split", "group", "n", *POINTS], _groups(result)),
        "Errors by age and group": section(result),
        "Limits of use": f"{LIMITS.read_text('utf-8').strip()}\n\n"
        + limits(result),
    }
    (first, text), *rest = parts.items()
    rest = [(title, own) for title, own in rest if own]
    sections = [f"# {first}\n\n{text}", *(f"## {k}\n\n{x}" for k, x in rest)]
    return "\n\n".join(sections) + "\n"


def _facts(result: Result) -> Rows:
    training = result["training"][result["seed"]]
    times = 2 if result["mirrored"] else 1
    versions = result["versions"].items()
    minutes = mean(x["training_seconds"] for x in result["training"]) / 60
    return [
        ["parameters", f"{training['parameters']:,}"],
        [
            "multiply-adds per face",
            f"{times * training['multiply_adds'] / 1e6:.1f} million"
            + ", for the face and its mirror image" * result["mirrored"],
        ],
        *files_table(result),
        ["trained on", "9,000 faces of MTFL; validated on 1,000 others"],
        ["licence of the data", "research only"],
        ["made by", f"`{result['command']}`"],
        [
            "time",
            f"{minutes:.0f} minutes per seed, one thread each "
            f"({result['machine']}), {training['epochs']} epochs",
        ],
        ["versions", ", ".join(f"{k} {v}" for k, v in versions)],
    ]


def files_table(result: Result) -> Rows:
    """Return a row per file of the network, and where it is from."""
    name, keras = result["preset"], result["keras"]
    return [
        [
            f"`{name}.tflite`, to predict",
            f"LiteRT, weights in float16, {result['bytes'] / 1e6:.2f} MB",
        ],
        [
            f"`{name}.keras`, to export or train",
            f"Keras, kernels in float16, {keras['bytes'] / 1e6:.2f} MB, "
            f"by `{keras['command']}`",
        ],
        [f"SHA-256 of `{name}.keras`", f"`{keras['sha256']}`"],
    ]


def _scores_title(seeds: int) -> str:
    if seeds == 1:
        return "Scores of one seed, without the spread over seeds"
    return f"Scores over {seeds} seeds"


def _seed(result: Result) -> str:
    return (
        f"Scores of the file in the package (seed {result['seed']}"
        + ", the best on validation" * (len(result["seeds"]) > 1)
        + "), with two passes; n is the number of faces."
    )


def _spread(result: Result) -> Rows:
    rows = []
    for title, key in POINTS.items():
        rows.append([title, *_over_seeds(result, _point(key), 2)])
    for task in result["seeds"][0]["test"]["attributes"]:
        for title, key in SHARES.items():
            cells = _over_seeds(result, _share(task, key), 1)
            rows.append([f"{task}, {title}", *cells])
    again = _over_seeds(result, lambda scores: scores["again"], 1)
    return [*rows, ["faces with a second pass, %", *again]]


def _over_seeds(
    result: Result, value: Callable[[Result], float], digits: int
) -> list[str]:
    """Return mean ± standard deviation per split, for one and two passes."""
    return [
        mean_std([value(scores[split]) for scores in scored], digits)
        for split in SPLITS
        for scored in _passes(result)
    ]


def _passes(result: Result) -> list[list[Result]]:
    """Return the scores of all seeds with one pass, and with two."""
    seeds = result["seeds"]
    return [seeds, [scores["second_look"] for scores in seeds]]


def _rotated(result: Result) -> Rows:
    """Return a row per angle, upright faces first."""
    once, twice = (
        [{"0": x["validation"], **x["turned"]} for x in scored]
        for scored in _passes(result)
    )

    def cell(angles: list[Any], degrees: str, value: Any, digits: int) -> str:
        return mean_std([value(of[degrees]) for of in angles], digits)

    error = _point("mean_error_box")
    return [
        [
            degrees,
            *(cell(angles, degrees, error, 2) for angles in (once, twice)),
            *(
                cell(twice, degrees, _share(task, "accuracy"), 1)
                for task in GROUPS
            ),
        ]
        for degrees in once[0]
    ]


def _point(key: str) -> Callable[[Result], float]:
    return lambda scores: scores["landmarks"][key]


def _share(task: str, key: str) -> Callable[[Result], float]:
    return lambda scores: scores["attributes"][task][key]


def _groups(result: Result) -> Rows:
    """Return a row per class of each attribute and per source of photos."""
    rows = []
    for split in SPLITS:
        scores = result["seeds"][result["seed"]]["second_look"][split]
        landmarks = scores["landmarks"]
        for group in GROUPS:
            for name, part in landmarks[f"per_{group}"].items():
                label = (
                    name if group in ("pose", "gender") else f"{group}: {name}"
                )
                rows.append([split, label, *_cells(part["n"], part)])
        for name, part in scores["per_source"].items():
            rows.append([split, name, *_cells(part["n"], part["landmarks"])])
    return rows


def _cells(n: int, part: Result) -> list[str]:
    return [str(n), *(f"{part[key]:.2f}" for key in POINTS.values())]
