"""A table for a page, for Markdown and for a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from facemtl.markdown import table as markdown_table

NONE = "–"  # a cell without a number


@dataclass(frozen=True)
class Cell:
    """A highlighted text.

    Args:
        text: the text.
        kind: `"better"`, `"worse"` or empty.
        share: shade of the cell on a page, 0 to 1; None for no shade.
    """

    text: str
    kind: str = ""
    share: float | None = None

    def __str__(self) -> str:
        return self.text


Row = Sequence[str | Cell]


@dataclass(frozen=True)
class Table:
    """Column headings and rows; `page.html` shows it on a page.

    Args:
        heads: column headings; may have several lines.
        rows: cells, of which the first is the row's heading. A row with a
            single cell is the heading of a group of rows.
        caption: title of the table.
        kind: `"words"` for columns of text, `"matrix"` for small cells.

    Example:

    >>> print(Table(["variant", "NME-box, %"], [["split", "1.95"]]).text())
    variant  NME-box, %
    split          1.95
    """

    heads: Sequence[str]
    rows: Sequence[Row]
    caption: str = ""
    kind: str = ""

    def markdown(self) -> str:
        """Return the table in Markdown, with highlighted cells in bold."""
        rows = []
        for row in self.rows:
            cells = [plain(str(cell)).replace("|", "\\|") for cell in row]
            for i, cell in enumerate(row):
                if len(row) == 1 or (isinstance(cell, Cell) and cell.kind):
                    cells[i] = f"**{cells[i]}**"
            rows.append(cells + [""] * (len(self.heads) - len(row)))
        heads = (", ".join(head.split("\n")) for head in self.heads)
        return markdown_table([plain(head) for head in heads], rows)

    def text(self, width: int = 100) -> str:
        """Return the table in aligned columns for a terminal.

        Args:
            width: characters per line. Columns that do not fit follow in
                further blocks, each with the first column.
        """
        lines = self._lines()
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        blocks, used = [[0]], widths[0]
        for i, letters in enumerate(widths[1:], 1):
            if used + 2 + letters > width and len(blocks[-1]) > 1:
                blocks.append([0])
                used = widths[0]
            blocks[-1].append(i)
            used += 2 + letters
        return "\n\n".join(
            "\n".join(_aligned(line, block, widths) for line in lines)
            for block in blocks
        )

    def _lines(self) -> list[list[str]]:
        """Return all cells as lists of equal length, line by line."""
        heads = [head.split("\n") for head in self.heads]
        high = max(map(len, heads))
        above = [[""] * (high - len(head)) + head for head in heads]
        lines = [list(line) for line in zip(*above, strict=True)]
        for row in self.rows:
            cells = [" ".join(str(cell).split("\n")) for cell in row]
            lines.append(cells + [""] * (len(self.heads) - len(row)))
        return lines


def _aligned(
    line: Sequence[str], block: Sequence[int], widths: Sequence[int]
) -> str:
    first, *others = block
    cells = [line[first].ljust(widths[first])]
    cells += [line[i].rjust(widths[i]) for i in others]
    return "  ".join(cells).rstrip()


def plain(words: str) -> str:
    """Put a text on one line and escape HTML, for Markdown.

    Example:

    >>> plain("a < b\\n& c")
    'a &lt; b &amp; c'
    """
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return " ".join(words.split())
