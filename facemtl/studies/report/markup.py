"""Pieces of HTML: tables, figures, and what may stand in them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

SPLITS = {"validation": "Validation faces", "test": "Test faces"}

Cell = str | tuple[str, str]  # a text, or a text and its class
Body = Sequence[tuple[str, Sequence[Sequence[Cell]]]]  # (group, its rows)


def table(
    caption: str,
    heads: Sequence[Sequence[tuple[str, int]]],
    body: Body,
    kind: str = "",
) -> str:
    """A table under its caption, which scrolls where it is too wide.

    Args:
        caption: what it shows.
        heads: rows of (text, columns that it stands over).
        body: (name of a group or "", rows); a row's first cell is its head.
        kind: a CSS class of the table.

    Returns:
        HTML; all texts are escaped.
    """
    head = "".join(f"<tr>{''.join(map(_head, row))}</tr>" for row in heads)
    width = sum(columns for _, columns in heads[-1])
    parts = "".join(_rows(name, rows, width) for name, rows in body)
    content = f'<table class="{kind}"><thead>{head}</thead>{parts}</table>'
    return figure(caption, scroll(caption, content))


def scroll(label: str, content: str) -> str:
    """A box that scrolls sideways, with a mouse, a finger or the arrow keys.

    Args:
        label: what is in it, for who cannot see it.
        content: HTML.
    """
    return (
        '<div class="scroll" tabindex="0" role="region" '
        f'aria-label="{escape(label)}">{content}</div>'
    )


def figure(caption: str, content: str) -> str:
    """A figure under its caption; the content is HTML.

    Example:

    >>> figure("a & b", "<svg />")
    '<figure><figcaption>a &amp; b</figcaption><svg /></figure>'
    """
    head = f"<figcaption>{escape(caption)}</figcaption>"
    return f"<figure>{head}{content}</figure>"


def side_by_side(figures: Iterable[str], kind: str = "figures") -> str:
    """Figures beside each other where there is room; empty without any."""
    content = "".join(figures)
    return f'<div class="{kind}">{content}</div>' if content else ""


def pair(make: Callable[[str, str], str], title: str) -> str:
    """The charts of validation and test faces beside each other.

    Args:
        make: from a split and a title to an SVG, empty where there is none.
        title: what both show.
    """
    svgs = {split: make(split, f"{title}, {split} faces") for split in SPLITS}
    return side_by_side(
        figure(SPLITS[split], svg) for split, svg in svgs.items() if svg
    )


def by_group(
    results: Mapping[str, Any],
    build: Callable[[Mapping[str, Any], str], str],
    level: int = 3,
) -> str:
    """What `build` makes of each group, under the group's name if it has one.

    Args:
        results: as `facemtl.studies.results.gather` gives them.
        build: from a group and `", its name"` to HTML; empty: left out.
        level: of the headings.
    """
    parts = []
    for group in results["groups"]:
        name = group["name"]
        content = build(group, f", {name}" if name else "")
        head = f"<h{level}>{escape(name)}</h{level}>" if name else ""
        parts += [head + content] if content else []
    return "".join(parts)


def details(summary: str, content: str) -> str:
    """Content that is folded away until it is asked for."""
    head = f"<summary>{escape(summary)}</summary>"
    return f"<details>{head}{content}</details>" if content else ""


def capital(text: str) -> str:
    """A text as a heading, escaped.

    Example:

    >>> capital("mean error")
    'Mean error'
    """
    return escape(text[:1].upper() + text[1:])


def _head(cell: tuple[str, int]) -> str:
    text, columns = cell
    if not text:
        return '<td class="corner"></td>'
    if columns == 1:
        return f'<th scope="col">{escape(text)}</th>'
    return f'<th scope="colgroup" colspan="{columns}">{escape(text)}</th>'


def _rows(name: str, rows: Iterable[Sequence[Cell]], width: int) -> str:
    head = (
        f'<tr><th scope="rowgroup" colspan="{width}">{escape(name)}</th></tr>'
    )
    lines = [
        f'<tr><th scope="row">{escape(str(first))}</th>'
        f"{''.join(map(_cell, cells))}</tr>"
        for first, *cells in rows
    ]
    return f"<tbody>{head if name else ''}{''.join(lines)}</tbody>"


def _cell(cell: Cell) -> str:
    text, kind = (cell, "") if isinstance(cell, str) else cell
    given = f' class="{kind}"' if kind else ""
    return f"<td{given}>{escape(text)}</td>"
