"""The finding of a search in one sentence, and facts about the search."""

from collections import Counter
from pathlib import PureWindowsPath

from facemtl.studies.measures import describe
from facemtl.studies.report.finding import (
    ENOUGH,
    FEW,
    best_comparisons,
)
from facemtl.studies.report.tables import main_measure
from facemtl.tuning.report.trials import (
    Search,
    best,
    completed,
    count,
    score_title,
)
from facemtl.tuning.report.values import in_words
from facemtl.words import plural

TUNERS = {
    "hyperband": "Hyperband: many trials of few epochs; the best continue",
    "bayesian": "Bayesian optimization: each trial where a model of the scores "
    "so far expects most",
    "random": "random search: each trial is drawn independently",
    "grid": "grid search: every combination",
}
VERDICTS = {
    "better": "Tuning helped",
    "worse": "Nothing was gained; the best settings are worse than the default",
    "no difference shown": "Nothing was gained",
}


def finding(search: Search) -> str:
    """Compare the best trial of a search with the default, in one sentence.

    Args:
        search: content of `search.json`.
    """
    n, trial = len(search["trials"]), best(search)
    trials = f"{n} {plural(n, 'trial')}"
    if trial is None or trial["score"] is None:
        return f"No trial of {n} has given a score so far."
    results = search["confirmation"]
    found = best_comparisons(results) if results else []
    if not found:
        final = trial.get("final")
        score = trial["score"] if final is None else final
        how = f"after {count(trial['epochs'])}"
        if final is not None:
            how = "with all faces and epochs"
        return (
            f"Not compared with the default: the best of {trials} is trial "
            f"{trial['id']} with {score:.3f} {how} ({score_title(search)})."
        )
    (one,), seeds = found, results["study"]["seeds"]
    head = VERDICTS.get(one.part["verdict"], "")
    if seeds < ENOUGH:
        head = f"{FEW[seeds]} cannot show whether anything was gained"
    many = f"{seeds} {plural(seeds, 'seed')}"
    title = describe(main_measure(results)).title.removesuffix(", %")
    return (
        f"{head}: with all faces and epochs, the best of {trials} has "
        f"{title} {one.scores} of the default on {one.split} faces, "
        f"a difference of {one.difference('95 % interval ', f'; {many}')}."
    )


def made(search: Search) -> dict[str, str]:
    """Return facts about a search: {what: text}."""
    at = search["circumstances"]
    kinds = Counter(trial["status"].lower() for trial in search["trials"])
    epochs = Counter(trial["epochs"] for trial in completed(search))
    finals = [t for t in search["trials"] if t.get("final") is not None]
    seconds = (t["measures"].get("seconds") or 0 for t in search["trials"])
    rows = {
        "Command": search["command"],
        "Data": PureWindowsPath(at["source"]).name,
        "Tuner": TUNERS.get(search["tuner"], search["tuner"]),
        "Trials": ", ".join(f"{n} {x}" for x, n in sorted(kinds.items())),
        "Epochs": ", ".join(
            f"{n} {plural(n, 'trial')} of {count(x)}"
            for x, n in sorted(epochs.items())
        ),
        "Finals": "; ".join(
            f"trial {t['id']}: {t['final']:.3f}, {t['score']:.3f} in the search"
            for t in sorted(finals, key=lambda t: t["final"])
        ),
        "Time of all trials": duration(sum(seconds)),
        "Limits": "; ".join(
            f"at most {limit:,.0f} {key.replace('_', '-')}"
            for key, limit in search["limits"].items()
        ),
        "Settings of all": in_words(search["settings"]),
        "In the search only": in_words(search["search_settings"]),
        "Machine": at["machine"],
        "Versions": ", ".join(f"{k} {v}" for k, v in at["versions"].items()),
    }
    return {key: words for key, words in rows.items() if words}


def duration(seconds: float) -> str:
    """Format a time in words.

    Example:

    >>> duration(48.2), duration(750), duration(7980)
    ('48 s', '12 min 30 s', '2 h 13 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
