"""The section of a card on the confidence of points and classes."""

from collections.abc import Mapping
from typing import Any

from reliability_chart import section

from facemtl.markdown import table

SPLITS = {"validation": "validation", "test": "AFLW"}
SHIFT = (
    " Errors are without the constant shift between the labels of the two data "
    "sets. The labels of AFLW differ from MTFL's in more than this shift, and "
    "σ does not know it."
)


def confidence(result: Mapping[str, Any]) -> str:
    """Return the text of the section; empty if the preset is not calibrated.

    Args:
        result: content of a preset's JSON.
    """
    found = result.get("confidence")
    if found is None:
        return ""
    test = " and the test faces (AFLW)" if "test" in found else ""
    words = (
        "Measured on faces that the network was not calibrated on: every "
        f"second validation face, after calibration on the others{test}. Two "
        f"passes, by `{found['command']}`.\n\n"
    )
    parts = [words + _points(found), _faces(found)]
    if _last(found)["attributes"]:
        parts += [_probabilities(found), section(result), _diagram(found)]
    return "\n\n".join(part for part in parts if part)


def _splits(found: Mapping[str, Any]) -> dict[str, str]:
    """Return {split: its name} of the splits that were measured."""
    return {k: name for k, name in SPLITS.items() if k in found}


def _last(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the scores of the test faces, or else of validation faces."""
    scores: Mapping[str, Any] = found.get("test", found["validation"])
    return scores


def _points(found: Mapping[str, Any]) -> str:
    """Return the table of the deviations of points."""
    splits = _splits(found)
    keys = (
        *("mean_error_box_shift_free", "sigma_rank_correlation"),
        *("sigma_rank_correlation_box", "sigma_within_median"),
    )
    rows = []
    for kind in _last(found)["points"]:
        own = [found[split]["points"][kind] for split in splits]
        rows.append([kind, *(f"{x[key]:.2f}" for x in own for key in keys)])
    titles = (
        *("NME-box, %", "rank correlation"),
        *("in sides of the box", "within the median, %"),
    )
    head = [f"{x}, {y}" for x in splits.values() for y in titles]
    other = SHIFT if "test" in found else ""
    return (
        "`Face.points_sigma` is the predicted standard deviation of each "
        "point. The table gives its rank correlation with the error, in "
        "pixels and in sides of the box, and the share of points within "
        f"1.18 σ, which is 50 % if σ is right.{other}\n\n"
    ) + table(["faces", *head], rows)


def _faces(found: Mapping[str, Any]) -> str:
    """Return the table of faces and other crops."""
    rows = [
        [
            SPLITS[split],
            kind,
            str(x["n"]),
            "" if kind == "face" else f"{x['auc']:.1f}",
            f"{x['taken_for_faces']:.1f}",
        ]
        for split, kinds in found["other_crops"].items()
        for kind, x in kinds.items()
    ]
    return (
        "`Face.confidence` is the probability that the box shows a face. "
        "Background crops show hair, hands, clothes and whatever else is in "
        "the photos. One pass; the AUC is that of faces against the "
        "crops:\n\n"
    ) + table(
        ["photos", "crops", "n", "AUC, %", "confidence 0.5 or more, %"], rows
    )


def _probabilities(found: Mapping[str, Any]) -> str:
    """Return the table of temperatures and calibration errors."""
    rows = []
    splits = _splits(found)
    for task in _last(found)["attributes"]:
        fitted = found["fitted"][task]
        errors = [
            fitted["calibration_error_before"],
            fitted["calibration_error_after"],
            *(
                found[x]["attributes"][task]["calibration_error"]
                for x in splits
            ),
        ]
        temperature = f"{fitted['temperature']:.2f}"
        rows.append([task, temperature, *(f"{x:.1f}" for x in errors)])
    unseen = [f"unseen, {split}" for split in splits.values()]
    return (
        "Probabilities have one temperature per attribute. The expected "
        "calibration error (15 bins) in %, on all validation faces before and "
        "after, and on unseen faces:\n\n"
    ) + table(["attribute", "temperature", "before", "after", *unseen], rows)


def _diagram(found: Mapping[str, Any]) -> str:
    """Return the reliability diagram as a table."""
    where = list(_splits(found).values())[-1]
    rows = [
        [task, f"{x['probability']:.0f}", f"{x['accuracy']:.0f}", str(x["n"])]
        for task, own in _last(found)["attributes"].items()
        for x in own["bins"]
    ]
    words = f"Reliability on {where}, by intervals of the probability:\n\n"
    return words + table(
        ["attribute", "mean probability, %", "accuracy, %", "faces"], rows
    )
