"""A report: a finding, a table, a chart, and folded sections."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from facemtl.files.writing import write_whole
from facemtl.studies.report.table import Table, plain

SPLITS = {"validation": "Validation faces", "test": "Test faces"}


@dataclass(frozen=True)
class Chart:
    """A drawing with a caption and a description for screen readers."""

    caption: str
    label: str
    svg: Markup


@dataclass(frozen=True)
class Section:
    """Parts under a heading.

    A part is a paragraph, a dictionary of facts, finished HTML, a `Table`, a
    `Chart`, a list of parts side by side, or a `Section` one level lower.
    """

    title: str
    parts: Sequence[Any]


@dataclass(frozen=True)
class Report:
    """The report of a study or a search.

    Args:
        title: title of the page.
        question: the question of the study; may be empty.
        finding: one sentence that answers it.
        warning: a limit of the finding; may be empty.
        top: the main parts: a table, then a chart.
        printed: tables for a terminal.
        sections: {title: parts} of the rest, folded on a page. Sections
            without parts are omitted. `about.html` has a text for each title.
    """

    title: str
    question: str
    finding: str
    warning: str
    top: Sequence[Any]
    printed: Sequence[Table]
    sections: Mapping[str, Sequence[Any]]

    def html(self) -> str:
        """Return a page that needs no network, scripts or other files."""
        return str(fill("page.html", report=self))

    def markdown(self) -> str:
        """Return the report without charts."""
        words = (self.finding, self.warning, self.question)
        parts = [f"# {plain(self.title)}", *map(plain, filter(None, words))]
        sections = [Section(*one) for one in self.sections.items()]
        return "\n\n".join(parts + _markdown([*self.top, *sections], 2)) + "\n"

    def text(self, width: int) -> str:
        """Return tables, warning and finding for the end of a command."""
        tables = [f"{t.caption}\n{t.text(width)}" for t in self.printed]
        words = filter(None, [self.warning, self.finding])
        return "\n\n".join([*tables, *words])


def write_report(report: Report, page: Path, markdown: Path) -> None:
    """Write a report as a page and as Markdown, each atomically."""
    text, html = report.markdown(), report.html()
    write_whole(text, markdown)
    write_whole(html, page)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fill(template: str, **values: Any) -> Markup:
    """Render a template of this folder; all values are escaped."""
    return Markup(_environment().get_template(template).render(values))


def pair(
    make: Callable[[str, str], Markup], title: str, head: str = ""
) -> list[Chart]:
    """Return the charts of validation and test faces, side by side.

    Args:
        make: draws the chart of a split and a label; empty without data.
        title: title of both charts.
        head: first words of their captions.
    """
    charts = []
    for split, faces in SPLITS.items():
        label = f"{title}, {split} faces"
        caption = f"{head}: {faces}" if head else faces
        charts.append(Chart(caption, label, make(split, label)))
    return [chart for chart in charts if chart.svg]


def capital(text: str) -> str:
    """Capitalize the first letter.

    Example:

    >>> capital("attributes, %")
    'Attributes, %'
    """
    return text[:1].upper() + text[1:]


def _markdown(parts: Sequence[Any], level: int) -> list[str]:
    """Return the parts that Markdown can show, under their headings."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, Section) and _has_numbers(part):
            found.append(f"{'#' * level} {plain(part.title)}")
            found += _markdown(part.parts, level + 1)
        elif isinstance(part, Table) and _has_numbers(part):
            found += [plain(part.caption), part.markdown()]
        elif isinstance(part, Mapping):
            found.append(
                "\n".join(f"- {k}: {plain(x)}" for k, x in part.items())
            )
        elif isinstance(part, str) and not isinstance(part, Markup):
            found.append(plain(part))
    return found


def _has_numbers(part: Any) -> bool:
    """Whether a part has facts or tables; a matrix needs the page's shades."""
    if isinstance(part, Section):
        return any(map(_has_numbers, part.parts))
    is_table = isinstance(part, Table) and part.kind != "matrix"
    return is_table or isinstance(part, Mapping)
