"""What a search's report says: how to read it, and how it was made."""

from collections import Counter
from html import escape
from pathlib import PureWindowsPath

from facemtl.studies.report.words import how_to_read as how_to_read_study
from facemtl.tuning.report.points import count
from facemtl.tuning.report.trials import Search, best, completed
from facemtl.tuning.report.values import in_words
from facemtl.words import plural

TUNERS = {
    "hyperband": "Hyperband: many trials of few epochs; the best go on",
    "bayesian": "Bayesian optimization: each trial where a model of the scores "
    "so far hopes for most",
    "random": "random search: each trial drawn by itself",
    "grid": "grid search: every combination",
}


def how_to_read(search: Search) -> str:
    """In plain words, what the numbers of a search mean."""
    score = f"<dt>Score</dt><dd>{escape(search['objective']['title'])}"
    luck = f"<dt>Luck</dt><dd>{LUCKY}</dd>"
    own = f"<dl>{score}; less is better.</dd>{READING}{luck}</dl>"
    confirmation = search["confirmation"]
    if not confirmation:
        return own
    return f"{own}<h3>Of the best beside the default</h3>" + how_to_read_study(
        confirmation
    )


READING = """
<dt>Trial</dt>
<dd>One training with one choice of values for the hyperparameters, and one
seed. A value that another value makes count for nothing is “not used”.</dd>
<dt>Epochs</dt>
<dd>Only scores of equal epochs can be compared. The best trial is one of the
most epochs.</dd>
"""
LUCKY = (
    "The best score is the luckiest of many on the same validation faces, and "
    "so too good: whether its values are better than the defaults shows only "
    "when both are trained again, with other seeds."
)


def circumstances(search: Search) -> str:
    """Command, data, machine, tuner and budget; no folder of the machine."""
    rows = {"Command": search["command"]} if search["command"] else {}
    rows |= made(search)
    return f"<dl>{''.join(_row(k, v) for k, v in rows.items())}</dl>"


def made(search: Search) -> dict[str, str]:
    """How a search was made, but for the command: {what: text}."""
    at = search["circumstances"]
    versions = ", ".join(f"{k} {v}" for k, v in at["versions"].items())
    rows = {
        "Data": PureWindowsPath(at["source"]).name,
        "Tuner": TUNERS.get(search["tuner"], search["tuner"]),
        "Trials": trial_counts(search),
        "Epochs": epoch_counts(search),
        "Finals": finals(search),
        "Time of all trials": duration(_seconds(search)),
        "Limits": "; ".join(
            f"at most {limit:,.0f} {key.replace('_', '-')}"
            for key, limit in search["limits"].items()
        ),
        "Settings of all": in_words(search["settings"]),
        "In the search only": in_words(search["search_settings"]),
        "Machine": at["machine"],
        "Versions": versions,
    }
    return {key: words for key, words in rows.items() if words}


def trial_counts(search: Search) -> str:
    """How many trials there are, and how they ended."""
    kinds = Counter(trial["status"].lower() for trial in search["trials"])
    parts = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
    return f"{len(search['trials'])}{f': {parts}' if parts else ''}"


def epoch_counts(search: Search) -> str:
    """Of how many epochs the completed trials are.

    Example:

    >>> trial = {"id": "0", "status": "COMPLETED", "epochs": 3, "score": 2.0}
    >>> epoch_counts({"trials": [trial]})
    '1 trial of 3 epochs'
    """
    numbers = Counter(trial["epochs"] for trial in completed(search))
    return ", ".join(
        f"{n} {plural(n, 'trial')} of {count(epochs)}"
        for epochs, n in sorted(numbers.items())
    )


def finals(search: Search) -> str:
    """The scores of the best few, trained with all faces and epochs."""
    trials = [t for t in search["trials"] if t.get("final") is not None]
    return "; ".join(
        f"trial {t['id']}: {t['final']:.3f} (in the search {t['score']:.3f})"
        for t in sorted(trials, key=lambda t: t["final"])
    )


def duration(seconds: float) -> str:
    """A time in words, of all trials together.

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


def summary(search: Search) -> str:
    """What was minimized, and what came of it, in a line."""
    title, trial = search["objective"]["title"], best(search)
    title = title[:1].upper() + title[1:]
    n = len(search["trials"])
    trials = f"{n} {plural(n, 'trial')}"
    if trial is None or trial["score"] is None:
        return f"{title}: no best yet of {trials}"
    if trial.get("final") is not None:
        return (
            f"{title}: {trial['final']:.3f} with all faces and epochs is the "
            f"best of {trials} (trial {trial['id']})"
        )
    return (
        f"{title}: {trial['score']:.3f} after {count(trial['epochs'])} is the "
        f"best of {trials} (trial {trial['id']})"
    )


def _seconds(search: Search) -> float:
    known = (trial["measures"].get("seconds") for trial in search["trials"])
    return sum(seconds for seconds in known if seconds)


def _row(head: str, words: str) -> str:
    words = escape(words)
    if head == "Command":
        words = f"<code>{words}</code>"
    return f"<dt>{escape(head)}</dt><dd>{words}</dd>"


IMPORTANCE = (
    "Random forests learn to foretell the trials’ ranks by score from their "
    "hyperparameters and epochs. In trials that they have not seen, the values "
    "of one hyperparameter are shuffled: how much the squared error grows is "
    "its importance. 1 is the variance of the ranks among trials of equal "
    "epochs; what does not count is about 0 or below. Lines are standard "
    "deviations over {forests} forests. This is rough: {trials} trials are few "
    "for {names} hyperparameters, two that rise and fall together share their "
    "importance, and one that is seldom used looks unimportant."
)
# What stands above the charts of a section.
ABOUT = {
    "progress": """
<p>Only scores of equal epochs can be compared: the line counts the trials of
the most epochs. Other markers are trials of fewer epochs.</p>
""",
    "parallel": """
<p>Each line is a trial and crosses every axis at its value; the better its
score, the darker, and the best is orange. A line stands at the right of an axis
where the hyperparameter is not used.</p>
""",
    "cost": """
<p>Further to the left costs less, in use; further down is better. On the Pareto
front are the trials, of the most epochs, that no other beats in both.</p>
""",
    "stitches": """
<p>Where the best trials, of the most epochs, have a cross-stitch unit.</p>
""",
    "values": """
<p>The hyperparameters of the greatest importance. Everything else changes from
trial to trial too: a pattern is a hint, and no proof.</p>
""",
}
