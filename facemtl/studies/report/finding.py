"""What a study found, in one sentence, and what keeps it from finding more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facemtl.studies.measures import describe
from facemtl.studies.report.tables import (
    difference_to,
    main_measures,
    signed,
    variants,
)
from facemtl.words import plural

ENOUGH = 3  # seeds
FEW = {1: "One seed", 2: "Two seeds"}

Results = Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """The best variant of a group beside a baseline.

    Args:
        group: its name; may be empty.
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

    def numbers(self, measure: str) -> str:
        """Such as `3.83 % against 3.90 %`."""
        unit = " %" if ", %" in describe(measure).title else ""
        own, other = (f"{score:.2f}{unit}" for score in self.scores)
        return f"{own} against {other}"

    def difference(self, before: str = "", after: str = "") -> str:
        """Such as `−0.07 (−0.11 … −0.02)`, with words in the brackets."""
        low, high = self.part["low"], self.part["high"]
        text = signed(self.part["difference"])
        if low is None:
            return text
        return f"{text} ({before}{signed(low)} … {signed(high)}{after})"


def finding(results: Results) -> str:
    """Which variant is best beside the first baseline, or that none is shown.

    Validation faces choose the variant; the difference is that on test faces,
    where there are any.

    Args:
        results: as `facemtl.studies.results.gather` gives them.
    """
    measure, seeds = main_measures(results)[0], results["study"]["seeds"]
    found = best_comparisons(results, measure)
    if not found:
        return _lowest(results, measure)
    (first, *others), many = found, f"{seeds} {plural(seeds, 'seed')}"
    title = describe(measure).title.removesuffix(", %")
    if others:
        parts = "; ".join(
            f"{one.group}: {one.name} {one.numbers(measure)}, {one.difference()}"
            for one in found
        )
        about = f"{title}, {first.split} faces, 95 % intervals, {many}"
        return f"{_verdict(found, seeds)} ({about}): {parts}."
    return (
        f"{_verdict(found, seeds)}: {title} {first.numbers(measure)} on "
        f"{first.split} faces, a difference of "
        f"{first.difference('95 % interval ', f'; {many}')}, for {first.name}, "
        "the best variant on validation faces beside it."
    )


def warning(seeds: int) -> str:
    """That so few seeds show nothing; empty with enough of them.

    Example:

    >>> warning(2)
    'Two seeds cannot show a difference: train at least 3.'
    """
    if seeds >= ENOUGH:
        return ""
    return f"{FEW[seeds]} cannot show a difference: train at least {ENOUGH}."


def best_comparisons(results: Results, measure: str) -> list[Comparison]:
    """Of each group, the best variant on validation beside the baseline."""
    for baseline in results["study"]["baselines"]:
        found = [_best(group, baseline, measure) for group in results["groups"]]
        known = [one for one in found if one]
        if known:
            return known
    return []


def _verdict(found: list[Comparison], seeds: int) -> str:
    baseline, verdicts = found[0].baseline, [x.part["verdict"] for x in found]
    better = verdicts.count("better")
    if seeds < ENOUGH:
        return f"{FEW[seeds]} cannot show a difference to {baseline}"
    if better and len(found) > 1:
        return (
            f"The best variant is better than {baseline} in {better} of "
            f"{len(found)} groups"
        )
    if better:
        return f"{found[0].name} is better than {baseline}"
    if "worse" in verdicts:
        return f"Nothing is better than {baseline}"
    return f"No difference to {baseline} was shown"


def _best(group: Results, baseline: str, measure: str) -> Comparison | None:
    by_name = {v["name"]: v for v in group["variants"]}
    compared = [
        v
        for v in group["variants"]
        if difference_to(v, baseline, "validation", measure)
    ]
    if not compared:
        return None
    best = min(compared, key=lambda v: _loss(v, measure))
    tested = difference_to(best, baseline, "test", measure)
    split = "test" if tested else "validation"
    own, other = (
        v["scores"][split][measure]["mean"] for v in (best, by_name[baseline])
    )
    part = difference_to(best, baseline, split, measure)
    return Comparison(
        group["name"], best["name"], baseline, split, part, (own, other)
    )


def _lowest(results: Results, measure: str) -> str:
    """The best score of a study that compares nothing."""
    known = [
        v for v in variants(results) if measure in v["scores"]["validation"]
    ]
    best = min(known, key=lambda v: _loss(v, measure))
    mean = best["scores"]["validation"][measure]["mean"]
    return (
        f"Nothing is compared with a baseline; {best['name']} has the best "
        f"{describe(measure).title} on validation faces: {mean:.2f}."
    )


def _loss(variant: Results, measure: str) -> float:
    """The mean on validation faces, less being better."""
    sign = 1 if describe(measure).less_is_better else -1
    return sign * float(variant["scores"]["validation"][measure]["mean"])
