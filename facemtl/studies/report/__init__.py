"""A report as one self-contained page, as Markdown and on a terminal."""
