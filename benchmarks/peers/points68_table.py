"""The tables of `points68.md`, out of what `points68.json` holds."""

from collections.abc import Mapping
from typing import Any

from facemtl.markdown import table

SCORES = {
    "mean_error_eye_corners": "NME, % of outer eye corners",
    "failure_rate_eye_corners_10": "faces > 10 %",
    "mean_error_pupils": "NME, % of pupils",
    "mean_error_box": "NME-box, %",
}
TIMES = {
    "milliseconds": "ms",
    "cpu_milliseconds": "CPU ms",
    "relative": "CPU, of O-Net's",
}
NONE = "–"
TRAINED = (
    "**The peers know these faces.** dlib's file was trained on 300-W, which "
    "holds the training photos of Helen and LFPW, and so these very faces with "
    "these very labels: its errors are those of training. 300-W's licence "
    "excludes commercial use, and dlib's author passes this on for the file. "
    "face-api's networks were trained on about 35,000 faces with 68 points, "
    "which its page does not name: these faces may be among them. facemtl's "
    "networks were not trained on the validation faces."
)


def document(results: Mapping[str, Any]) -> str:
    """All of `points68.md`."""
    versions = ", ".join(f"{k} {v}" for k, v in results["versions"].items())
    unit = next(iter(results["unit"].values()))
    return "\n\n".join(
        [
            "# 68 points: other people's predictors, and ours",
            "\n".join(f"    {x}" for x in results["commands"]),
            f"{results['machine']}. {versions}.",
            f"POINTS68: the {results['faces']:,} validation faces (a fifth) of "
            "`facemtl fit --set data.tasks=points68 --set "
            "data.validation_share=0.2`, gray crops of training photos of "
            "Helen and LFPW. Ours get the listed box, peers a scaled and "
            "shifted one. Milliseconds are those of one cut face on one "
            f"thread, the median of {results['timed']} faces, all predictors "
            "in turn on each face; face-api's are taken inside Node. "
            "Other processes lengthen those of the processor (CPU ms) less. "
            "O-Net in torch, for comparison: "
            f"{unit['cpu_milliseconds']:.2f} CPU ms.",
            TRAINED,
            main_table(results["predictors"]),
            "## Boxes",
            "Scale and shift of the centre, in sides of the listed box, and "
            f"the NME-box with them on {results['calibration']} training "
            "faces, by which they were chosen.",
            box_table(results["predictors"]),
        ]
    )


def main_table(predictors: Mapping[str, Any]) -> str:
    """Accuracy, time and size: a row a predictor, ours also with two passes."""
    heads = ["predictor", *SCORES.values(), *TIMES.values(), "MB", "parameters"]
    rows = []
    for name, part in predictors.items():
        rows.append([name, *_cells(part, part)])
        if "second_pass" in part:
            again = part["second_pass"]
            title = f"{name}, two passes ({again['again']} % of faces)"
            rows.append([title, *_cells(again, part)])
    return table(heads, rows)


def _cells(measured: Mapping[str, Any], about: Mapping[str, Any]) -> list[str]:
    numbers = [measured["scores"][key] for key in SCORES]
    numbers += [measured.get(key) for key in TIMES]
    count = about["parameters"]
    return [
        *(NONE if x is None else f"{x:.2f}" for x in numbers),
        f"{about['megabytes']:.2f}",
        NONE if count is None else f"{count:,}",
    ]


def box_table(predictors: Mapping[str, Any]) -> str:
    """The boxes of the peers."""
    heads = ["predictor", "scale", "right", "down", "NME-box, %, training"]
    boxes = {k: part["box"] for k, part in predictors.items() if "box" in part}
    return table(
        heads,
        [
            [name, *(f"{box[key]:.2f}" for key in ("scale", "x", "y", "error"))]
            for name, box in boxes.items()
        ],
    )
