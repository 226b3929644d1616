"""The report of a search as a page, as Markdown and on a terminal."""
