"""Scores of `many_tasks.py`, their intervals, and the table of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facemtl import markdown
from facemtl.studies.bootstrap import paired_difference

MEASURES = ("accuracy", "balanced_accuracy")
BASELINES = ("equal λ", "tuned λ")


def face_scores(found: np.ndarray, truth: np.ndarray) -> dict[str, list[float]]:
    """Return {measure: score of each face}, in percent, the mean over tasks.

    The mean over the faces is the measure: for balanced accuracy, a face
    counts by the rarity of its class, so that both classes count alike.

    Args:
        found: predictions (N, K), 0 or 1.
        truth: labels (N, K), 0 or 1.

    Example: one positive of four is missed: half of the balanced accuracy.

    >>> truth = np.array([[1], [0], [0], [0]])
    >>> scores = face_scores(np.zeros((4, 1)), truth)
    >>> {name: float(np.mean(x)) for name, x in scores.items()}
    {'accuracy': 75.0, 'balanced_accuracy': 50.0}
    """
    right = 100.0 * (found == truth)
    share = truth.mean(axis=0)
    if not (share * (1 - share)).all():
        raise ValueError("Expected both classes of each task among the faces.")
    rarity = np.where(truth == 1, 0.5 / share, 0.5 / (1 - share))
    scores = (right.mean(axis=1), (right * rarity).mean(axis=1))
    return {
        name: [round(float(x), 4) for x in values]
        for name, values in zip(MEASURES, scores, strict=True)
    }


def constant_scores(train: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """Return the scores of the most frequent classes of the training faces."""
    found = np.broadcast_to(train.mean(axis=0) > 0.5, test.shape)
    scores = face_scores(found, test)
    return {name: round(float(np.mean(x)), 3) for name, x in scores.items()}


def results_of(runs: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return {variant: means, deviations, differences from the baselines}.

    Args:
        runs: {variant: its run of each seed}.
    """
    results: dict[str, Any] = {}
    for name, own in runs.items():
        results[name] = {
            "weights": own[0]["weights"],
            "seconds": round(float(np.mean([x["seconds"] for x in own])), 1),
        }
        for part in ("validation", "test"):
            for measure in MEASURES:
                by_face = _by_face(own, part, measure)
                means = by_face.mean(axis=1)
                entry = {
                    "mean": round(float(means.mean()), 3),
                    "std": round(float(means.std(ddof=1)), 3),
                    "runs": [round(float(x), 3) for x in means],
                }
                for base in BASELINES:
                    if base != name and base in runs:
                        other = _by_face(runs[base], part, measure)
                        entry[f"minus {base}"] = _interval(by_face, other)
                results[name][f"{part} {measure}"] = entry
    return results


def _by_face(
    runs: Sequence[Mapping[str, Any]], part: str, measure: str
) -> np.ndarray:
    """Return scores (seeds, faces)."""
    return np.array([run["scores"][part][measure] for run in runs])


def _interval(scores: np.ndarray, baseline: np.ndarray) -> list[float]:
    """Return mean, low and high of the difference."""
    found = paired_difference(scores, baseline)
    if found.low is None or found.high is None:
        raise ValueError("Expected two seeds or more for an interval.")
    return [round(x, 3) for x in (found.mean, found.low, found.high)]


def table(content: Mapping[str, Any]) -> str:
    """Return the results in Markdown, with how they were made."""
    faces, constant = content["faces"], content["constant"]
    return "\n".join(
        [
            "The 40 attributes of CelebA as 40 tasks: "
            f"{faces['train']:,} training, {faces['validation']:,} validation "
            f"and {faces['test']:,} test faces; {content['epochs']} epochs, "
            f"{content['seeds']} seeds. Means over tasks in percent, ± "
            "standard deviation over seeds; differences on test faces with "
            "95 % intervals over seeds and faces, in bold if they leave 0 out. "
            "The most frequent class of each task has an accuracy of "
            f"{constant['accuracy']:.2f} %. Made by `{content['command']}` "
            f"({content['machine']}).\n",
            _variants(content["variants"]),
            *(f"\nNot finished: {x}." for x in content["not_finished"]),
            "",
        ]
    )


def _variants(results: Mapping[str, Any]) -> str:
    head = [
        *("variant", "weights", "CPU s", "accuracy, validation"),
        *("accuracy, test", "− equal λ", "− tuned λ"),
        *("balanced accuracy, test", "− equal λ"),
    ]
    rows = []
    for name, row in results.items():
        accuracy, balanced = (row[f"test {measure}"] for measure in MEASURES)
        rows.append(
            [
                *(name, f"{row['weights']:,}", f"{row['seconds']:.0f}"),
                _spread(row["validation accuracy"]),
                _spread(accuracy),
                *(_difference(accuracy, base) for base in BASELINES),
                _spread(balanced),
                _difference(balanced, BASELINES[0]),
            ]
        )
    return markdown.table(head, rows)


def _spread(entry: Mapping[str, Any]) -> str:
    return f"{entry['mean']:.2f} ± {entry['std']:.2f}"


def _difference(entry: Mapping[str, Any], base: str) -> str:
    """Return a difference and its interval, in bold if this leaves 0 out."""
    if f"minus {base}" not in entry:
        return "–"
    mean, low, high = entry[f"minus {base}"]
    text = f"{mean:+.2f} ({low:+.2f} … {high:+.2f})".replace("-", "−")
    return text if low <= 0 <= high else f"**{text}**"
