"""`report.html`: a study's results as one page that needs nothing else."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from facemtl.files.writing import write_whole
from facemtl.studies.report.sections import Section, sections

TEMPLATE = Path(__file__).with_name("page.html")


def write_page(
    results: Mapping[str, Any], file: str | Path, gallery: str = ""
) -> None:
    """Write the report of a study, whole or not at all.

    The page opens without a network and without scripts. The same results
    make the same bytes.

    Args:
        results: as `facemtl.studies.results.gather` gives them.
        file: the HTML file to write.
        gallery: faces, from `draw_gallery`; they are the dataset's images.

    Example:

        write_page(json.loads(Path("results.json").read_text()), "report.html")
    """
    found = sections(results)
    if gallery:
        found.append(Section("faces", "Faces", gallery))
    study = results["study"]
    fill_page(study["title"], study["question"], found, file)


def fill_page(
    title: str, question: str, found: Sequence[Section], file: str | Path
) -> None:
    """Write a page of sections, with its contents, whole or not at all.

    Args:
        title: of the page.
        question: what it answers, or is about, in a line.
        found: its sections, in order.
        file: the HTML file to write.
    """
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(title),
        question=escape(question),
        contents="\n".join(map(_link, found)),
        sections="\n".join(map(_section, found)),
    )
    write_whole(text, Path(file))


def _link(section: Section) -> str:
    return f'<li><a href="#{section.anchor}">{escape(section.title)}</a></li>'


def _section(section: Section) -> str:
    return (
        f'<section aria-labelledby="{section.anchor}">'
        f'<h2 id="{section.anchor}">{escape(section.title)}</h2>\n'
        f"{section.content}\n</section>"
    )
