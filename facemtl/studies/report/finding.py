"""The finding of a study in one sentence, and a warning for few seeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facemtl.studies.measures import describe
from facemtl.studies.report.differences import difference_to, signed
from facemtl.studies.report.tables import main_measure
from facemtl.words import plural

ENOUGH = 3  # seeds
FEW = {1: "One seed", 2: "Two seeds"}

Results = Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """The best variant of a group, compared with a baseline.

    Args:
        group: name of the group; may be empty.
        name, baseline: names of the two variants.
        split: `"test"`, or `"validation"` without test faces.
        part: difference, low, high, verdict.
        scores: such as `3.83 % against 3.90 %`.
    """

    group: str
    name: str
    baseline: str
    split: str
    part: Mapping[str, Any]
    scores: str

    def difference(self, before: str = "", after: str = "") -> str:
        """Return e.g. `−0.07 (−0.11 … −0.02)`, with words in the brackets."""
        low, high = self.part["low"], self.part["high"]
        text = signed(self.part["difference"])
        if low is None:
            return text
        return f"{text} ({before}{signed(low)} … {signed(high)}{after})"


def finding(results: Results) -> str:
    """Say which variant beats the first baseline, or that none does.

    The variant is chosen on validation faces; the difference is measured on
    test faces if there are any.

    Args:
        results: results from `facemtl.studies.results.gather`.
    """
    found, seeds = best_comparisons(results), results["study"]["seeds"]
    if not found:
        return "No variant is compared with a baseline."
    (first, *others), many = found, f"{seeds} {plural(seeds, 'seed')}"
    title = describe(main_measure(results)).title.removesuffix(", %")
    if others or first.group:
        about = f"{title}, {first.split} faces, 95 % intervals, {many}"
        parts = "; ".join(
            f"{x.group}: {x.name} {x.scores}, {x.difference()}" for x in found
        )
        return f"{_verdict(found, seeds)} ({about}): {parts}."
    return (
        f"{_verdict(found, seeds)}: {title} {first.scores} on {first.split} "
        f"faces, a difference of "
        f"{first.difference('95 % interval ', f'; {many}')}, for {first.name}, "
        "chosen on validation faces."
    )


def warning(seeds: int) -> str:
    """Warn that few seeds cannot show a difference; empty if enough.

    Example:

    >>> warning(2)
    'Two seeds cannot show a difference: train at least 3.'
    """
    if seeds >= ENOUGH:
        return ""
    return f"{FEW[seeds]} cannot show a difference: train at least {ENOUGH}."


def best_comparisons(results: Results) -> list[Comparison]:
    """Return the best variant on validation faces of each group."""
    measure = main_measure(results)
    for baseline in results["study"]["baselines"]:
        found = [_best(group, baseline, measure) for group in results["groups"]]
        if any(found):
            return [one for one in found if one]
    return []


def _verdict(found: list[Comparison], seeds: int) -> str:
    baseline, verdicts = found[0].baseline, [x.part["verdict"] for x in found]
    better, n = verdicts.count("better"), len(found)
    if seeds < ENOUGH:
        return f"{FEW[seeds]} cannot show a difference to {baseline}"
    if better:
        where = f" in {better} of {n} groups" if n > 1 else ""
        who = "The best variant" if n > 1 else found[0].name
        return f"{who} is better than {baseline}{where}"
    if "worse" in verdicts:
        return f"Nothing is better than {baseline}"
    return f"No difference to {baseline} was shown"


def _best(group: Results, baseline: str, measure: str) -> Comparison | None:
    def loss(variant: Results) -> float:
        sign = 1 if describe(measure).less_is_better else -1
        return sign * float(variant["scores"]["validation"][measure]["mean"])

    by_name = {v["name"]: v for v in group["variants"]}
    compared = [
        v
        for v in group["variants"]
        if difference_to(v, baseline, "validation", measure)
    ]
    if not compared:
        return None
    best = min(compared, key=loss)
    tested = difference_to(best, baseline, "test", measure)
    split = "test" if tested else "validation"
    unit = " %" if ", %" in describe(measure).title else ""
    own, other = (
        f"{v['scores'][split][measure]['mean']:.2f}{unit}"
        for v in (best, by_name[baseline])
    )
    part = difference_to(best, baseline, split, measure)
    names = (group["name"], best["name"], baseline)
    return Comparison(*names, split, part, f"{own} against {other}")
