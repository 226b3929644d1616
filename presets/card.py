"""A preset's card: what it is, how good it is for whom, what it is not for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

from stable_points import stable_points

from facemtl.files.writing import write_whole
from facemtl.markdown import mean_std, table

Result = Mapping[str, Any]  # the content of a preset's JSON
Rows = list[list[str]]
POINTS = {
    "error, % box": "mean_error_box",
    "points > 5 %": "failure_rate_box_5",
    "error, % eyes": "mean_error_interocular",
    "without the label shift": "mean_error_interocular_shift_free",
    "faces > 10 %": "failure_rate_interocular_10",
}
# Balanced: the mean over the classes, however rare one is.
SHARES = {"%": "accuracy", "balanced, %": "balanced_accuracy"}
GROUPS = ("pose", "gender", "glasses", "smile")
SPLITS = {"validation": "validation", "test": "AFLW"}
LOOKED = ("one look", "second look")
LOOKS = (
    "`Predictor` looks again at faces that are tilted by more than 10 degrees, "
    "or lie otherwise than their box says, which takes about three times as "
    "long for these; one look is what the network says of the box alone.\n\n"
)
TILTED = (
    "The validation photos turned about the middle of the face's box, half of "
    "them to each side; attributes with the second look.\n\n"
)
LIMITS = Path(__file__).parent / "limits.md"


def write_card(result: Result, file: Path) -> None:
    """Write the card as Markdown, whole or not at all."""
    write_whole(card(result), file)


def card(result: Result) -> str:
    """The whole card."""
    name = result["preset"]
    parts = {
        f"Preset `{name}`": f"`facemtl.Predictor.load({name!r})`\n\n"
        + table(["", ""], _facts(result)),
        _scores_title(len(result["seeds"])): LOOKS
        + table(
            ["", *(f"{x}, {y}" for x in SPLITS.values() for y in LOOKED)],
            _spread(result),
        ),
        "Tilted faces": TILTED
        + table(
            [
                "degrees",
                *(f"error, % box, {x}" for x in LOOKED),
                *(f"{x}, %" for x in GROUPS),
            ],
            _tilted(result),
        ),
        "Stable points": stable_points(result),
        "Scores by group": _seed(result)
        + "\n\n"
        + table(["split", "group", "n", *POINTS], _groups(result)),
        "What it must not be used for": LIMITS.read_text("utf-8").strip(),
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
            "multiply-adds a face",
            f"{times * training['multiply_adds'] / 1e6:.1f} million"
            + ", for the face and its mirror image" * result["mirrored"],
        ],
        ["file", f"TFLite, float16, {result['bytes'] / 1e6:.2f} MB"],
        ["trained on", "9,000 faces of MTFL; chosen on 1,000 others"],
        ["licence of the data", "research only"],
        ["made by", f"`{result['command']}`"],
        [
            "time",
            f"{minutes:.0f} minutes a seed, one thread each "
            f"({result['machine']}), {training['epochs']} epochs",
        ],
        ["versions", ", ".join(f"{k} {v}" for k, v in versions)],
    ]


def _scores_title(seeds: int) -> str:
    if seeds == 1:
        return "Scores of one seed, without the spread over seeds"
    return f"Scores over {seeds} seeds"


def _seed(result: Result) -> str:
    return (
        f"Of the file that comes with facemtl: seed {result['seed']}"
        + ", the best on validation" * (len(result["seeds"]) > 1)
        + ", with the second look. Errors of points; n is the number of faces."
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
    return [*rows, ["looked at again, %", *again]]


def _over_seeds(
    result: Result, value: Callable[[Result], float], digits: int
) -> list[str]:
    """Mean ± standard deviation on each split, of one look and of two."""
    return [
        mean_std([value(scores[split]) for scores in looked], digits)
        for split in SPLITS
        for looked in _looks(result)
    ]


def _looks(result: Result) -> list[list[Result]]:
    """The scores of all seeds with one look, and with two."""
    seeds = result["seeds"]
    return [seeds, [scores["second_look"] for scores in seeds]]


def _tilted(result: Result) -> Rows:
    """A row an angle, the upright faces first."""
    once, twice = (
        [{"0": x["validation"], **x["turned"]} for x in looked]
        for looked in _looks(result)
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
    """A row for each class of each attribute, and each source of photos."""
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
