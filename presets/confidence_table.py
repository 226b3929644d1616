"""The section of a card on the confidence of points and classes."""

from collections.abc import Mapping
from typing import Any

from facemtl.markdown import table

SPLITS = {"validation": "validation", "test": "AFLW"}


def confidence(result: Mapping[str, Any]) -> str:
    """Return the text of the section; empty if the preset is not calibrated.

    Args:
        result: content of a preset's JSON.
    """
    found = result.get("confidence")
    if found is None:
        return ""
    words = (
        "Measured on faces that the network was not calibrated on: every "
        "second validation face, after calibration on the others, and the "
        f"test faces (AFLW). Two passes, by `{found['command']}`.\n\n"
    )
    return "\n\n".join(
        [
            words + _points(found),
            _faces(found),
            _probabilities(found),
            _diagram(found),
        ]
    )


def _points(found: Mapping[str, Any]) -> str:
    """Return the table of the deviations of points."""
    kinds = found["test"]["points"]
    keys = (
        *("mean_error_box_shift_free", "sigma_rank_correlation"),
        *("sigma_rank_correlation_box", "sigma_within_median"),
    )
    rows = []
    for kind in kinds:
        own = [found[split]["points"][kind] for split in SPLITS]
        rows.append([kind, *(f"{x[key]:.2f}" for x in own for key in keys)])
    titles = (
        *("NME-box, %", "rank correlation"),
        *("in sides of the box", "within the median, %"),
    )
    head = [f"{x}, {y}" for x in SPLITS.values() for y in titles]
    return (
        "`Face.points_sigma` is the predicted standard deviation of each "
        "point. The table gives its rank correlation with the error, in "
        "pixels and in sides of the box, and the share of points within "
        "1.18 σ, which is 50 % if σ is right. Errors are without the constant "
        "shift between the labels of the two data sets. The labels of AFLW "
        "differ from MTFL's in more than this shift, and σ does not know "
        "it.\n\n"
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
    for task, own in found["test"]["attributes"].items():
        fitted = found["fitted"][task]
        other = found["validation"]["attributes"][task]
        rows.append(
            [
                task,
                f"{fitted['temperature']:.2f}",
                *(
                    f"{x:.1f}"
                    for x in (
                        fitted["calibration_error_before"],
                        fitted["calibration_error_after"],
                        other["calibration_error"],
                        own["calibration_error"],
                    )
                ),
            ]
        )
    return (
        "Probabilities have one temperature per attribute. The expected "
        "calibration error (15 bins) in %, on all validation faces before and "
        "after, and on unseen faces:\n\n"
    ) + table(["attribute", "temperature", "before", "after", *_unseen()], rows)


def _unseen() -> list[str]:
    return [f"unseen, {split}" for split in SPLITS.values()]


def _diagram(found: Mapping[str, Any]) -> str:
    """Return the reliability diagram on AFLW as a table."""
    rows = [
        [task, f"{x['probability']:.0f}", f"{x['accuracy']:.0f}", str(x["n"])]
        for task, own in found["test"]["attributes"].items()
        for x in own["bins"]
    ]
    return "Reliability on AFLW, by intervals of the probability:\n\n" + table(
        ["attribute", "mean probability, %", "accuracy, %", "faces"], rows
    )
