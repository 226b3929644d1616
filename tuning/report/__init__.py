"""A search as one self-contained page, and as Markdown."""

from facemtl.tuning.report.markdown import write_markdown
from facemtl.tuning.report.page import write_page

__all__ = ["write_markdown", "write_page"]
