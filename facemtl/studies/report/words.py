"""What a report says: how to read it, and how its numbers were made."""

from collections.abc import Mapping
from html import escape
from pathlib import PureWindowsPath
from typing import Any

from facemtl.studies.report.html_tables import in_words, variants
from facemtl.words import plural

Results = Mapping[str, Any]


def how_to_read(results: Results) -> str:
    """In plain words, what the numbers of a study mean."""
    seeds = results["study"]["seeds"]
    measured = "mean_error_box" in results["measures"]
    parts = [ERROR if measured else "", SEEDS if seeds > 1 else ONE_SEED]
    if seeds > 1 and any(v["against"] for v in variants(results)):
        parts.append(DIFFERENCES)
    tested = any("test" in v["scores"] for v in variants(results))
    parts.append(CHOICES if tested else NO_TEST)
    return f"<dl>{''.join(parts).replace('SEEDS', str(seeds))}</dl>"


ERROR = """
<dt>Error</dt>
<dd>The distance between a predicted and a true point, in percent of the width
of the face’s box; its mean over points and faces. A point that is off by more
than 5&nbsp;% is a failure. Left is the image’s left.</dd>
"""
SEEDS = """
<dt>Spread</dt>
<dd>Each variant was trained SEEDS times, with SEEDS seeds. A number such as
1.90&nbsp;±&nbsp;0.03 is the mean over the seeds and their standard
deviation.</dd>
"""
ONE_SEED = """
<dt>Spread</dt>
<dd>Each variant was trained once, with one seed. How much a number would
change with another is not known: no difference is claimed.</dd>
"""
CHOICES = """
<dt>Choices</dt>
<dd>Epochs and all settings were chosen on validation faces. The test faces
chose nothing: they are for reporting only.</dd>
"""
NO_TEST = """
<dt>Choices</dt>
<dd>There are no test faces here. Validation faces chose the epochs, so that
their scores are a little too good.</dd>
"""
DIFFERENCES = """
<dt>Differences</dt>
<dd>A variant minus a baseline, over the same seeds and the same faces, with a
95&nbsp;% interval of a paired bootstrap that draws both seeds and faces.
“Better” and “worse” stand only where the interval leaves out&nbsp;0; “no
difference shown” does not say that the two are equal.</dd>
<dt>Many at once</dt>
<dd>The intervals are made one at a time: of 20 comparisons without any effect,
one may still look like one.</dd>
"""


def circumstances(results: Results) -> str:
    """Data, machine and versions; no folder of the machine."""
    at, study = results["circumstances"], results["study"]
    count, seeds = len(variants(results)), study["seeds"]
    rows = {
        "Data": PureWindowsPath(at["source"]).name,
        "Runs": f"{count} {plural(count, 'variant')} × {seeds} "
        f"{plural(seeds, 'seed')}",
        "Settings of all": ", ".join(in_words(results["common"])) or "defaults",
        "Machine": at["machine"],
        "Versions": ", ".join(f"{k} {v}" for k, v in at["versions"].items()),
    }
    if results.get("command"):
        rows["Command"] = results["command"]
    return f"<dl>{''.join(_row(k, v) for k, v in rows.items())}</dl>"


def _row(head: str, text: str) -> str:
    if head == "Command":
        return f"<dt>{head}</dt><dd><code>{escape(text)}</code></dd>"
    return f"<dt>{head}</dt><dd>{escape(text)}</dd>"


# What stands above the charts of a section.
ABOUT = {
    "differences": """
<p>A variant minus the baseline above it: a point for the difference, a line for
its 95&nbsp;% interval over seeds and faces. Where the line crosses&nbsp;0, no
difference is shown.</p>
""",
    "groups": """
<p>Each variant in every group that it is part of; bars are standard deviations
over the seeds.</p>
""",
    "landmarks": """
<p>Bars are means over seeds and faces; a thin line is the standard deviation
over the seeds. Validation and test have scales of their own.</p>
""",
    "curves": """
<p>How many of the faces have a mean error of at most so much; a curve further
to the left and higher up is better. All seeds’ faces together.</p>
""",
    "classes": """
<p>The same error for some of the faces only, sorted by their true labels; in
brackets, how many faces these are.</p>
""",
    "cost": """
<p>Further to the left costs less, in use; what training costs stands in the
summary. Points of equal cost are moved a little apart.</p>
""",
    "confusion": """
<p>Of the SPLIT faces of each true class (row), how many percent got which
answer (column), and below how many faces these are: means over the seeds.</p>
""",
    "alpha": """
<p>A unit makes stream <i>i</i> anew as Σ<sub>j</sub>&nbsp;α<sub>ij</sub> times
stream <i>j</i>, with an α for each channel: own is what a stream keeps of
itself, other what it takes of another. Dotted lines are means. First seed: a
channel of one seed is not that of another.</p>
""",
    "weights": """
<p>Of the first two streams, layer by layer: how far apart their weights θ¹ and
θ² are, beside how large they are, since weights that shrink come closer too;
and the learned linear map between them. Means over the seeds.</p>
""",
    "stops": """
<p>From its stop on, a task is no longer trained; – is a seed in which the task
was trained to the end.</p>
""",
}
