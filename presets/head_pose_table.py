"""The tables of `presets/head_pose.py`."""

from typing import Any

from pose_scores import NAMES

from facemtl import markdown
from facemtl.tasks import POSE


def table(result: dict[str, Any]) -> str:
    """Return the result in Markdown."""
    parts = [
        "# Head pose",
        f"`{result['command']}` on {result['machine']}. Angles are degrees. "
        'Predicted points are those of two passes. "By least distance" is not '
        "POS, but the angles whose projections lie nearest to the points.",
        drawn(result["drawn"], result["seed"]),
        *(classes(k, x) for k, x in result["classes"].items()),
        rotated(result["rotated"]),
    ]
    return "\n\n".join(parts) + "\n"


def drawn(found: dict[str, Any], seed: int) -> str:
    """Return the errors on drawn faces."""
    rows = [drawn_row(f"{x['truth']}: {x['points']}", x) for x in found["rows"]]
    change = "change between two poses of one head: labelled"
    rows.append(drawn_row(change, found["change"]))
    rows += [
        [f"{kind}: always 0", *(f"{x[name]:.1f}" for name in NAMES), ""]
        for kind, x in found["always_0"].items()
    ]
    return (
        f"## {found['n']:,} drawn faces, seed {seed}\n\n"
        "Mean absolute error / bias / correlation / slope against the exact "
        "angle to the camera's axis, and to the line from the camera to the "
        "face, by points.\n\n"
        + markdown.table(["", *NAMES, "without pose"], rows)
    )


def drawn_row(title: str, row: dict[str, Any]) -> list[str]:
    """Return the cells of a row of errors."""
    cells = [
        f"{x['mean_absolute_error']:.1f} / {x['bias']:+.1f} / "
        f"{x['correlation']:.2f} / {x['slope']:.2f}"
        for x in (row[name] for name in NAMES)
    ]
    return [title, *cells, str(row["without_pose"])]


def classes(split: str, found: dict[str, Any]) -> str:
    """Return yaw by class, and the AUC between neighbours."""
    heads = [
        f"{x} ({n})"
        for x, n in zip(POSE.names, found["per_class"], strict=True)
    ]
    rows = [
        [
            x["points"],
            *(f"{yaw:+.0f}" for yaw in x["yaw"]),
            " ".join(f"{auc:.3f}" for auc in x["auc"]),
            f"{x['pitch_mean']:+.1f} ± {x['pitch_deviation']:.1f}",
            " ".join(
                f"{x['to_labelled'][name]['mean_absolute_error']:.1f}"
                for name in NAMES
            ),
        ]
        for x in found["rows"]
    ]
    columns = ["points", *heads, "AUC of neighbours", "pitch", "from labelled"]
    return (
        f"## MTFL, {found['n']:,} {split} faces\n\n"
        "Mean yaw of each pose class (number of faces), AUC of yaw between "
        "neighbouring classes, mean and deviation of pitch, and mean absolute "
        "difference of yaw, pitch and roll from those of labelled points.\n\n"
        + markdown.table(columns, rows)
    )


def rotated(found: list[dict[str, Any]]) -> str:
    """Return how exact the roll of rotated photos is."""
    rows = [
        [
            x["points"],
            str(x["degrees"]),
            *(
                f"{a['mean']:.1f} / {a['median']:.1f} / {a['95 %']:.1f}"
                for a in (x[name] for name in ("roll", "yaw", "pitch"))
            ),
        ]
        for x in found
    ]
    heads = ["points", "rotated by", "roll", "yaw", "pitch"]
    return (
        "## Rotated validation photos\n\n"
        "Difference from the pose in the upright photo, less the known "
        "rotation: mean / median / 95th percentile.\n\n"
        + markdown.table(heads, rows)
    )
