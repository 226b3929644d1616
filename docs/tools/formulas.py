"""A hook of MkDocs: formulas as MathML, which browsers show by themselves."""

import html
import re
from typing import Any

from latex2mathml.converter import convert

# As pymdownx.arithmatex writes them.
FORMULA = re.compile(
    r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL
)


def on_page_content(content: str, **_: Any) -> str:
    """Convert the formulas of a page from LaTeX."""
    return FORMULA.sub(_mathml, content)


def _mathml(formula: re.Match[str]) -> str:
    """One formula: in its line, or in a line of its own."""
    display = "block" if formula[1] == "div" else "inline"
    return convert(html.unescape(formula[2]), display=display)
