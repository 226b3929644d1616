"""The objectives of a search, measured on validation faces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facemtl.errors import InputError

# Points of mean accuracy that equal one point of mean error.
EXCHANGE = 10.0


@dataclass(frozen=True)
class Objective:
    """A named objective; lower is better."""

    name: str
    title: str


OBJECTIVES = {
    one.name: one
    for one in (
        Objective("mean_error", "NME-box, %, validation"),
        Objective(
            "mean_error+attributes",
            "NME-box, %, + a tenth of the attributes' wrong predictions, %, "
            "validation",
        ),
    )
}


def trial_measures(report: Mapping[str, Any], objective: str) -> dict[str, Any]:
    """Return the measures of a finished trial.

    A loss is not among them, because its scale changes with λ and λ_w.

    Args:
        report: a report from `facemtl.train`.
        objective: a name of `OBJECTIVES`.

    Returns:
        `objective`, `mean_error` (NME-box, percent), `accuracy` (mean over the
        attributes, percent; omitted without attributes), `parameters`,
        `multiply_adds`, `seconds`.

    Raises:
        InputError: if the network does not predict a task of the objective.
    """
    scores = report["scores"]["validation"]
    points = [
        part["mean_error_box"]
        for part in scores.values()
        if isinstance(part, Mapping) and "mean_error_box" in part
    ]
    right = [x["accuracy"] for x in scores.get("attributes", {}).values()]
    if not points or (objective != "mean_error" and not right):
        raise InputError(
            f"Expected a network that predicts what '{objective}' measures. "
            f"Received: tasks {report['tasks']}."
        )
    measures = {
        "mean_error": points[0],
        **({"accuracy": sum(right) / len(right)} if right else {}),
        **{k: report[k] for k in ("parameters", "multiply_adds", "seconds")},
    }
    value = points[0]
    if objective == "mean_error+attributes":
        value += (100 - measures["accuracy"]) / EXCHANGE
    return {"objective": value, **measures}
