"""A hook of MkDocs: pages of notebooks.

mkdocs-jupyter renders a notebook by itself, so that its links pass no other
hook. Its template loads MathJax and Mermaid, which no notebook needs, from
another host.
"""

import re

from links import target
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

# In the site, pages have another ending than their source.
SOURCE = re.compile(r"^(?!\w+:)([^#]*)\.(?:md|ipynb)(?=#|$)")
LINK = re.compile(r'(?<=<a href=")(?!\w+:|#)([^"#]+)(#[^"]*)?(?=")')
MATHJAX = r"<!-- Load mathjax -->.*?<!-- End of mathjax configuration -->"
MERMAID = r'<script type="module">(?:(?!</script>).)*?mermaid.*?</script>'
OF_OTHERS = re.compile(f"{MATHJAX}|{MERMAID}", re.DOTALL)


def on_page_content(
    html: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Point links to pages, and remove scripts of other hosts."""
    if not page.file.src_uri.endswith(".ipynb"):
        return html
    html = OF_OTHERS.sub("", html)
    return LINK.sub(
        lambda link: SOURCE.sub(r"\1.html", target(link, page, files)), html
    )
