"""A report: a finding, a table, a chart, and folded sections below."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from facemtl.files import write_whole
from facemtl.studies.report.table import Table, plain

SPLITS = {"validation": "Validation faces", "test": "Test faces"}


@dataclass(frozen=True)
class Chart:
    """A drawing below its caption.

    Args:
        caption: what stands above it.
        label: what it shows, for who cannot see it.
        svg: the drawing; empty: there is none.
    """

    caption: str
    label: str
    svg: Markup


@dataclass(frozen=True)
class Section:
    """Parts below a heading, folded on a page.

    Args:
        title: the heading.
        parts: in order. A text is a paragraph, a dictionary {what: text} a list
            of facts; a `Section` has a heading one level lower, a list holds
            charts or tables side by side.
        anchor: of a link to it, and its key in `about.html`.
    """

    title: str
    parts: Sequence[Any]
    anchor: str = ""


@dataclass(frozen=True)
class Report:
    """What a study or a search found.

    Args:
        title: of the page.
        question: what was asked; may be empty.
        finding: the sentence that answers it.
        warning: what keeps the numbers from showing it; may be empty.
        top: what matters most: a table, then a chart.
        printed: tables for a terminal.
        sections: all else.
    """

    title: str
    question: str
    finding: str
    warning: str
    top: Sequence[Any]
    printed: Sequence[Table]
    sections: Sequence[Section]

    def html(self) -> str:
        """A page that needs no network, no scripts and no other file."""
        return _environment().get_template("page.html").render(report=self)

    def markdown(self) -> str:
        """The report without its charts."""
        words = (self.finding, self.warning, self.question)
        parts = [f"# {plain(self.title)}", *map(plain, filter(None, words))]
        parts += _markdown(self.top, 2)
        parts += _markdown(self.sections, 2)
        return "\n\n".join(parts) + "\n"

    def text(self, width: int) -> str:
        """Tables, a warning and the finding, for the end of a command."""
        tables = [f"{t.caption}\n{t.text(width)}" for t in self.printed]
        return "\n\n".join(
            [*tables, *filter(None, [self.warning]), self.finding]
        )


def write_report(report: Report, page: Path, markdown: Path) -> None:
    """Write a report as a page and as Markdown, each whole or not at all.

    Args:
        report: the report.
        page: the HTML file to write.
        markdown: the Markdown file to write.
    """
    text, html = report.markdown(), report.html()
    write_whole(text, markdown)
    write_whole(html, page)


def fill(template: str, **values: Any) -> Markup:
    """A template of this folder as finished HTML; all values are escaped."""
    return Markup(_environment().get_template(template).render(values))


def sections(
    found: Iterable[tuple[str, str, Sequence[Any]]],
) -> list[Section]:
    """The sections of (title, anchor, parts) in which something is."""
    known = ((title, [x for x in parts if x], a) for title, a, parts in found)
    return [Section(*section) for section in known if section[1]]


def pair(
    make: Callable[[str, str], Markup], title: str, head: str = ""
) -> list[Chart]:
    """The charts of validation and test faces, to stand side by side.

    Args:
        make: from a split and a label to a drawing, empty where there is none.
        title: what both show.
        head: begins their captions.
    """
    charts = []
    for split, faces in SPLITS.items():
        label = f"{title}, {split} faces"
        caption = f"{head}: {faces}" if head else faces
        charts.append(Chart(caption, label, make(split, label)))
    return [chart for chart in charts if chart.svg]


def capital(text: str) -> str:
    """A text as a heading.

    Example:

    >>> capital("attributes, %")
    'Attributes, %'
    """
    return text[:1].upper() + text[1:]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _markdown(parts: Sequence[Any], level: int) -> list[str]:
    """The parts that Markdown can show, below their headings."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, Section) and _has_numbers(part):
            found.append(f"{'#' * level} {plain(part.title)}")
            found += _markdown(part.parts, level + 1)
        elif isinstance(part, Table) and _has_numbers(part):
            caption = [plain(part.caption)] if part.caption else []
            found += [*caption, part.markdown()]
        elif isinstance(part, Mapping):
            lines = (f"- {key}: {plain(x)}" for key, x in part.items())
            found.append("\n".join(lines))
        elif isinstance(part, list):
            found += _markdown(part, level)
        elif isinstance(part, str) and not isinstance(part, Markup):
            found.append(plain(part))
    return found


def _has_numbers(part: Any) -> bool:
    """Whether there are facts or a table in it; a matrix needs its shades."""
    if isinstance(part, Section):
        return any(map(_has_numbers, part.parts))
    if isinstance(part, list):
        return any(map(_has_numbers, part))
    return (
        isinstance(part, Mapping) or getattr(part, "kind", "matrix") != "matrix"
    )
