"""The card of the preset of 68 points: facts, scores, and limits of use."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from card import PASSES, Result, Rows, files_table
from confidence_table import confidence

from facemtl.evaluation.many_points import by_part
from facemtl.evaluation.normalizers import error_key, failure_key, title_of
from facemtl.files.writing import write_whole
from facemtl.markdown import table
from facemtl.tasks import load_layout

NORMALIZER = load_layout("points68").normalizer
LIMITS = Path(__file__).parent / "limits68.md"
ABOUT = (
    "The validation faces are a fixed fifth of POINTS68, which was not trained "
    "on. The settings were chosen on them, and there are no test faces. "
    "{alike} of them are nearly the same photo as a training face; the error "
    "of the others is {without_alike:.2f} % of the outer eye corners with two "
    "passes. Errors are divided by the distance of the outer eye corners or by "
    "the width of the box. `Predictor` runs a second pass for faces that are "
    "rotated, off-centre or badly scaled in their box.\n\n"
)
ROTATED = (
    "The validation photos were rotated about the centre of the face box, half "
    "of them in each direction.\n\n"
)
PEERS = (
    "dlib's and face-api's predictors of 68 points, and the time of one face, "
    "are in [points68.md](../../benchmarks/peers/points68.md). dlib's was "
    "trained on these validation faces."
)


def _titles() -> dict[str, str]:
    """Return {title: key} of the scores in the tables."""
    assert NORMALIZER is not None
    keys = (error_key(NORMALIZER.name), failure_key(NORMALIZER.name))
    failed = {f"{title_of(keys[1])}, %": keys[1]}
    return {title_of(keys[0]): keys[0], **failed} | {
        "NME-box, %": "mean_error_box",
        "FR@5 %-box, %": "failure_rate_box_5",
    }


def write_card(result: Result, file: Path) -> None:
    """Write the card as Markdown, atomically."""
    write_whole(card(result), file)


def card(result: Result) -> str:
    """Return the text of the card."""
    name = result["preset"]
    parts = {
        f"# Preset `{name}`": f"`facemtl.Predictor.load({name!r})`\n\n"
        + table(["", ""], _facts(result)),
        "## Scores on 335 validation faces": ABOUT.format(
            **{key: result[key] for key in ("alike", "without_alike")}
        )
        + table(["", *PASSES], _scores(result)),
        "## Parts of the face": table(
            ["", *(f"NME-box, %, {x}" for x in PASSES)], _parts(result)
        ),
        "## Rotated faces": ROTATED
        + table(
            ["degrees", *(f"{x}, {y}" for x in _errors() for y in PASSES)],
            _rotated(result),
        ),
        "## Confidence": confidence(result),
        "## Others": PEERS,
        "## Limits of use": LIMITS.read_text("utf-8").strip(),
    }
    sections = [f"{k}\n\n{x}" for k, x in parts.items() if x]
    return "\n\n".join(sections) + "\n"


def _facts(result: Result) -> Rows:
    (training,) = result["training"]
    versions = result["versions"].items()
    return [
        ["parameters", f"{training['parameters']:,}"],
        [
            "multiply-adds per face",
            f"{training['multiply_adds'] / 1e6:.1f} million",
        ],
        *files_table(result),
        ["trained on", result["data"]],
        ["licence of the data", "research only"],
        ["made by", f"`{result['command']}`"],
        ["versions", ", ".join(f"{k} {v}" for k, v in versions)],
    ]


def _passes(result: Result) -> list[Mapping[str, Any]]:
    """Return the scores with one pass, and with two."""
    (seed,) = result["seeds"]
    return [seed, seed["second_look"]]


def _scores(result: Result) -> Rows:
    once, twice = (x["validation"] for x in _passes(result))
    rows = [
        [title, *(f"{x['landmarks'][key]:.2f}" for x in (once, twice))]
        for title, key in _titles().items()
    ]
    error = next(iter(_titles().values()))
    for source in once["per_source"]:
        own = [x["per_source"][source] for x in (once, twice)]
        title = f"{source}, {own[0]['n']} faces: {next(iter(_titles()))}"
        rows.append([title, *(f"{x['landmarks'][error]:.2f}" for x in own)])
    again = [f"{x['again']:.1f}" for x in (once, twice)]
    return [*rows, ["faces with a second pass, %", *again]]


def _parts(result: Result) -> Rows:
    """Return a row per part of the face."""
    once, twice = (
        by_part(x["validation"]["landmarks"]["per_landmark"])
        for x in _passes(result)
    )
    return [
        [part, *(f"{x[part]['mean_error_box']:.2f}" for x in (once, twice))]
        for part in once
    ]


def _errors() -> dict[str, str]:
    return {k: x for k, x in _titles().items() if k.startswith("NME")}


def _rotated(result: Result) -> Rows:
    """Return a row per angle, upright faces first."""
    once, twice = (
        {"0": x["validation"], **x["turned"]} for x in _passes(result)
    )
    return [
        [
            degrees,
            *(
                f"{x[degrees]['landmarks'][key]:.2f}"
                for key in _errors().values()
                for x in (once, twice)
            ),
        ]
        for degrees in once
    ]
