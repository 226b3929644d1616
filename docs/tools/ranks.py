"""A hook of MkDocs: the search finds guides first, and ± stays in its line."""

import re
from typing import Any

from mkdocs.structure.pages import Page

# What readers seldom look for, though its words are everywhere.
LAST = ("api/", "benchmarks/", "cards/", "changelog", "examples/", "studies")
PLUS_MINUS = re.compile(r"(?<=\d) ± (?=\d)")


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let the search rank a page by what it is."""
    last = page.file.src_uri.startswith(LAST)
    page.meta["search"] = {"boost": 0.5 if last else 2}
    return markdown


def on_page_content(content: str, **_: Any) -> str:
    """Keep a mean and its deviation together, with no-break spaces."""
    return PLUS_MINUS.sub("\u00a0±\u00a0", content)
