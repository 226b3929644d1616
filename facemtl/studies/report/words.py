"""What a report says: how to read it, and how its numbers were made."""

from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any

from facemtl.studies.report.tables import in_words, variants
from facemtl.words import plural

Results = Mapping[str, Any]


def how_to_read(results: Results) -> dict[str, str]:
    """In plain words, what the numbers of a study mean: {what: text}."""
    seeds = results["study"]["seeds"]
    rows = dict(ERROR) if "mean_error_box" in results["measures"] else {}
    if "attributes" in results["measures"]:
        rows["Attributes"] = ATTRIBUTES
    rows["Spread"] = SPREAD.format(seeds) if seeds > 1 else ONE_SEED
    if seeds > 1 and any(v["against"] for v in variants(results)):
        rows |= DIFFERENCES
    tested = any("test" in v["scores"] for v in variants(results))
    rows["Choices"] = CHOICES if tested else NO_TEST
    return rows


ERROR = {
    "NME-box": "Normalized mean error: the distance between a predicted and a "
    "true point in percent of the width of the face box; the mean over points "
    "and faces. NME-io is in percent of the distance between the eyes.",
    "FR@5 %-box": "Failure rate: the share of points with an error of more "
    "than 5 % of the box. FR@10 %-io is the share of faces with an NME-io of "
    "more than 10 %. Left is the image's left.",
}
ATTRIBUTES = (
    "The mean accuracy of the tasks with classes. A balanced accuracy is the "
    "mean over the classes."
)
SPREAD = (
    "Each variant was trained {0} times, with {0} seeds. A number such as "
    "1.90 ± 0.03 is the mean over the seeds and their standard deviation."
)
ONE_SEED = (
    "Each variant was trained once, with one seed. How much a number changes "
    "with another seed is not known: no difference is claimed."
)
CHOICES = (
    "Epochs and all settings were chosen on validation faces. The test faces "
    "chose nothing: they are for reporting only."
)
NO_TEST = (
    "There are no test faces here. Validation faces chose the epochs, so that "
    "their scores are a little too good."
)
DIFFERENCES = {
    "Differences": "A variant minus a baseline, over the same seeds and the "
    "same faces, with a 95 % interval of a paired bootstrap that draws both "
    "seeds and faces. “Better” and “worse” are used only where the interval "
    "leaves out 0; “no difference shown” does not say that the two are equal.",
    "Many comparisons": "Each interval is computed alone: of 20 comparisons "
    "without any effect, one may still look like one.",
}


def circumstances(results: Results) -> dict[str, str]:
    """Command, data, machine and versions; no folder of the machine."""
    at, study = results["circumstances"], results["study"]
    count, seeds = len(variants(results)), study["seeds"]
    rows = {
        "Command": results.get("command", ""),
        "Data": PureWindowsPath(at["source"]).name,
        "Runs": f"{count} {plural(count, 'variant')} × {seeds} "
        f"{plural(seeds, 'seed')}",
        "Settings of all": ", ".join(in_words(results["common"])) or "defaults",
        "Machine": at["machine"],
        "Versions": ", ".join(f"{k} {v}" for k, v in at["versions"].items()),
    }
    return {what: text for what, text in rows.items() if text}


# What is written above the charts of a section.
ABOUT = {
    "differences": "A variant minus a baseline: a point for the difference, a "
    "line for its 95 % interval over seeds and faces. Where the line crosses "
    "0, no difference is shown.",
    "groups": "Each variant in every group that it is part of; bars are "
    "standard deviations over the seeds.",
    "landmarks": "Bars are means over seeds and faces; a thin line is the "
    "standard deviation over the seeds. Validation and test have different "
    "scales.",
    "curves": "How many of the faces have an NME-box of at most so much; a "
    "curve further to the left and higher up is better. All seeds' faces "
    "together.",
    "classes": "The same error for some of the faces only, sorted by their "
    "true labels; in brackets, how many faces these are.",
    "cost": "Further to the left costs less at prediction; the time of "
    "training is in “All measures”. Points of equal cost are moved a little "
    "apart.",
    "confusion": "Of the {} faces of each true class (row), how many percent "
    "were predicted as which class (column), and below how many faces these "
    "are: means over the seeds.",
    "alpha": "A unit computes stream i as Σⱼ αᵢⱼ times stream j, with an α for "
    "each channel: “own” is what a stream keeps of itself, “other” what it "
    "takes of another. First seed: a channel of one seed is not that of "
    "another.",
    "weights": "Of the first two streams, layer by layer: how far apart their "
    "weights θ¹ and θ² are, beside how large they are, since weights that "
    "shrink come closer too; and the learned linear map between them. Means "
    "over the seeds.",
    "stops": "From its stop on, a task is no longer trained; – is a seed in "
    "which the task was trained to the end.",
    "no stops": "No task was stopped before the end, in any run.",
}
