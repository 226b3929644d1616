"""What a study found, in one sentence, and what keeps it from finding more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facemtl.studies.measures import describe
from facemtl.studies.report.tables import main_measures, part_of, signed
from facemtl.words import plural

ENOUGH = 3  # seeds
NUMBERS = {1: "One seed", 2: "Two seeds"}

Results = Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """A variant beside a baseline, by one measure on one split.

    Args:
        group: the name of their group; may be empty.
        name, baseline: of the two.
        split: `"test"`, or `"validation"` without test faces.
        part: difference, low, high, verdict.
        scores: of the variant and of the baseline.
    """

    group: str
    name: str
    baseline: str
    split: str
    part: Mapping[str, Any]
    scores: tuple[float, float]

    def difference(self, about: str = "") -> str:
        """Such as `−0.07 (−0.11 … −0.02)`, with words in the brackets."""
        low, high = self.part["low"], self.part["high"]
        text = signed(self.part["difference"])
        if low is None:
            return text
        return f"{text} ({about}{signed(low)} … {signed(high)})"

    def words(self, measure: str) -> str:
        """Both scores and their difference."""
        name, sign, _ = describe(measure).title.partition(", %")
        unit = " %" if sign else ""
        own, other = (f"{x:.2f}{unit}" for x in self.scores)
        return (
            f"{name} {own} against {other} on {self.split} faces, a difference "
            f"of {self.difference('95 % interval ')}"
        )


def finding(results: Results) -> str:
    """Which variant is best against the first baseline, or that none is shown.

    Validation faces choose the variant; the difference is that on test faces,
    where there are any.

    Args:
        results: as `facemtl.studies.results.gather` gives them.
    """
    measure = main_measures(results)[0]
    seeds = results["study"]["seeds"]
    found = best_comparisons(results, measure)
    if not found:
        return _lowest(results, measure)
    if len(found) > 1:
        return _of_groups(found, measure, seeds)
    (one,) = found
    verdict = one.part["verdict"]
    many = f"with {seeds} {plural(seeds, 'seed')}"
    if seeds >= ENOUGH and verdict == "better":
        return (
            f"{one.name}, the best variant on validation faces, is better than "
            f"{one.baseline}: {one.words(measure)}, {many}."
        )
    head = f"No difference to {one.baseline} was shown"
    if seeds < ENOUGH:
        head = f"{NUMBERS[seeds]} cannot show a difference to {one.baseline}"
    elif verdict == "worse":
        head = f"Nothing is better than {one.baseline}"
    return (
        f"{head}: {one.words(measure)}, {many}, for {one.name}, the best other "
        "variant on validation faces."
    )


def warning(seeds: int) -> str:
    """That so few seeds show nothing; empty with enough of them.

    Example:

    >>> warning(2)
    'Two seeds cannot show a difference: train at least 3.'
    """
    if seeds >= ENOUGH:
        return ""
    return (
        f"{NUMBERS[seeds]} cannot show a difference: train at least {ENOUGH}."
    )


def best_comparisons(results: Results, measure: str) -> list[Comparison]:
    """Of each group, the best variant on validation beside the baseline."""
    for baseline in results["study"]["baselines"]:
        found = [_best(group, baseline, measure) for group in results["groups"]]
        known = [one for one in found if one]
        if known:
            return known
    return []


def _best(group: Results, baseline: str, measure: str) -> Comparison | None:
    by_name = {v["name"]: v for v in group["variants"]}
    compared = [
        v
        for v in group["variants"]
        if part_of(v, baseline, "validation", measure)
    ]
    if not compared:
        return None
    sign = 1 if describe(measure).less_is_better else -1
    best = min(compared, key=lambda v: sign * _mean(v, "validation", measure))
    tested = part_of(best, baseline, "test", measure)
    split = "test" if tested else "validation"
    return Comparison(
        *(group["name"], best["name"], baseline, split),
        part_of(best, baseline, split, measure),
        tuple(_mean(v, split, measure) for v in (best, by_name[baseline])),
    )


def _of_groups(found: list[Comparison], measure: str, seeds: int) -> str:
    """One sentence over all groups."""
    first = found[0]
    verdicts = [one.part["verdict"] for one in found]
    better, n = verdicts.count("better"), len(found)
    head = f"No difference to {first.baseline} was shown in any group"
    if seeds < ENOUGH:
        head = f"{NUMBERS[seeds]} cannot show a difference to {first.baseline}"
    elif better:
        head = f"In {better} of {n} groups the best is better than {first.baseline}"
    elif "worse" in verdicts:
        head = f"Nothing is better than {first.baseline} in any group"
    parts = "; ".join(
        f"{one.group}: {one.name} {one.difference()}" for one in found
    )
    return (
        f"{head} (difference in {describe(measure).title}, on {first.split} "
        f"faces with its 95 % interval, {seeds} {plural(seeds, 'seed')}; of the "
        f"best variants on validation faces): {parts}."
    )


def _lowest(results: Results, measure: str) -> str:
    """The best score of a study that compares nothing."""
    sign = 1 if describe(measure).less_is_better else -1
    known = [
        (group["name"], v)
        for group in results["groups"]
        for v in group["variants"]
        if measure in v["scores"]["validation"]
    ]
    group, best = min(
        known, key=lambda x: sign * _mean(x[1], "validation", measure)
    )
    name = f"{best['name']} ({group})" if group else best["name"]
    mean = _mean(best, "validation", measure)
    return (
        f"No variant is compared with a baseline; {name} has the best "
        f"{describe(measure).title} on validation faces, {mean:.2f}."
    )


def _mean(variant: Results, split: str, measure: str) -> float:
    return float(variant["scores"][split][measure]["mean"])
