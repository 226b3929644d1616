"""The tables of `peers.md`, out of what `peers.json` holds."""

from collections.abc import Mapping
from typing import Any

from facemtl.markdown import table

SPLITS = {"val": "validation", "test": "test"}
POINT_SCORES = {
    "mean_error_box": "NME-box, %",
    "failure_rate_box_5": "FR@5 %-box, %",
    "mean_error_interocular": "NME-io, %",
    "failure_rate_interocular_10": "FR@10 %-io, %",
}
TIMES = {
    "milliseconds": "ms",
    "cpu_milliseconds": "CPU ms",
    "relative": "of O-Net",
}
README_COLUMNS = {
    "NME-box, %, LFW and web": ("val", "mean_error_box"),
    "NME-box, %, AFLW": ("test", "mean_error_box"),
}
SITE_COLUMNS = README_COLUMNS | {
    "FR@5 %-box, %, LFW and web": ("val", "failure_rate_box_5"),
    "NME-io, %, AFLW": ("test", "mean_error_interocular"),
    "FR@10 %-io, %, AFLW": ("test", "failure_rate_interocular_10"),
}
NONE = "–"
SECOND = ", second pass"


def document(results: Mapping[str, Any]) -> str:
    """All of `peers.md`."""
    predictors = with_second_looks(results["predictors"])
    versions = ", ".join(f"{k} {v}" for k, v in results["versions"].items())
    counts = results["faces"]
    return "\n\n".join(
        [
            "# Other people's landmark predictors, and ours",
            "\n".join(f"    {x}" for x in results["commands"]),
            f"{results['machine']}. {versions}.",
            f"MTFL: {counts['val']:,} validation faces (LFW and the web) and "
            f"{counts['test']:,} test faces (AFLW), all from the listed "
            "boxes, which are scaled and shifted for each peer as the last "
            "table says. NME in percent of the box's width, or of the "
            "eyes' distance (io). Milliseconds are those of one cut face on "
            f"one thread, the median of {counts['timed']} faces, on the wall "
            "and of the processor, which other processes lengthen less. In a "
            "second pass, ours predict again the faces that are rotated or "
            "misplaced in their box, as `facemtl.Predictor` does: their time "
            "is then the mean of all test faces, with the second crop.",
            main_table(predictors),
            "## With the label shift taken off",
            "A diagnostic: for each point the mean error over the faces of "
            "the split is subtracted, so what differs in where labels stand "
            "is not counted. Beside it, facemtl's own `shift_free`: one "
            "constant shift in pixels for all points.",
            shift_free_table(predictors),
            "## Attributes",
            "Accuracy in percent, ours alone; [those of peers](attributes.md).",
            attribute_table(predictors),
            "## Boxes",
            "Scale and shift of the centre, in sides of the listed box, and "
            f"the error with them on {counts['calibration']} training faces, "
            "by which they were chosen. Ours take the listed box.",
            box_table(predictors),
        ]
    )


def with_second_looks(predictors: Mapping[str, Any]) -> dict[str, Any]:
    """After each of ours, the same with a second pass."""
    parts: dict[str, Any] = {}
    for name, part in predictors.items():
        parts[name] = part
        if "second_look" in part:
            scores = {x: part["scores"][x]["second_look"] for x in SPLITS}
            times = {x: part["second_look"].get(x) for x in TIMES}
            parts[f"{name}{SECOND}"] = {**part, **times, "scores": scores}
    return parts


def main_table(predictors: Mapping[str, Any]) -> str:
    """Accuracy on both splits, time and size: a row a predictor."""
    scores = [
        f"{name}, {split}"
        for split in SPLITS.values()
        for name in POINT_SCORES.values()
    ]
    heads = ["predictor", *scores, *TIMES.values(), "MB", "parameters"]
    rows = []
    for name, part in predictors.items():
        plain = [
            _number(part["scores"][split]["plain"]["landmarks"].get(key))
            for split in SPLITS
            for key in POINT_SCORES
        ]
        times = [part.get(key) for key in TIMES]
        count = part.get("parameters")
        rows.append(
            [
                _titled(name, part),
                *plain,
                *(_number(x) for x in times),
                _number(part["megabytes"]),
                NONE if count is None else f"{count:,}",
            ]
        )
    return table(heads, rows)


def shift_free_table(predictors: Mapping[str, Any]) -> str:
    """Each point's mean error taken off."""
    more = "NME-io, %, one shift"
    heads = [
        f"{name}, {split}"
        for split in SPLITS.values()
        for name in (*POINT_SCORES.values(), more)
    ]
    rows = []
    for name, part in predictors.items():
        row = [_titled(name, part)]
        for split in SPLITS:
            scores = part["scores"][split]
            row += [_number(scores["shift_free"][key]) for key in POINT_SCORES]
            plain = scores["plain"]["landmarks"]
            row.append(_number(plain["mean_error_interocular_shift_free"]))
        rows.append(row)
    return table(["predictor", *heads], rows)


def attribute_table(predictors: Mapping[str, Any]) -> str:
    """Accuracy of those that answer attributes."""
    names = ("gender", "smile", "glasses", "pose")
    heads = [f"{x}, {split}" for split in SPLITS.values() for x in names]
    rows = []
    for name, part in predictors.items():
        plain = {x: part["scores"][x]["plain"] for x in SPLITS}
        if all("attributes" in x for x in plain.values()):
            accuracies = [
                scores["attributes"].get(task, {}).get("accuracy")
                for scores in plain.values()
                for task in names
            ]
            rows.append([name, *(_number(x, 1) for x in accuracies)])
    return table(["predictor", *heads], rows)


def readme_table(predictors: Mapping[str, Any], short: bool = False) -> str:
    """What the site shows of it; the README less, if it is short."""
    columns = README_COLUMNS if short else SITE_COLUMNS
    parts = with_second_looks(predictors)
    rows = []
    for name, part in parts.items():
        if f"{name}{SECOND}" in parts:
            continue
        scores = [
            part["scores"][split]["plain"]["landmarks"][key]
            for split, key in columns.values()
        ]
        more = (part.get("milliseconds"), part["megabytes"])[: 2 - short]
        rows.append([name, *(_number(x) for x in (*scores, *more))])
    heads = ("ms per face", "MB")[: 2 - short]
    return table(["", *columns, *heads], rows)


def box_table(predictors: Mapping[str, Any]) -> str:
    """Where each peer wants its box."""
    heads = ["predictor", "scale", "right", "down", "NME-box, %, training"]
    rows = [
        [name, *(_number(box[x]) for x in ("scale", "x", "y", "error"))]
        for name, part in predictors.items()
        if (box := part.get("box"))
    ]
    return table(heads, rows)


def _titled(name: str, part: Mapping[str, Any]) -> str:
    """With the numbers of faces that it found, where it looked for them."""
    found = [part["scores"][split].get("found") for split in SPLITS]
    if None in found:
        return name
    return f"{name} (found: {' and '.join(f'{x:,}' for x in found)})"


def _number(value: float | None, digits: int = 2) -> str:
    return NONE if value is None else f"{value:.{digits}f}"
