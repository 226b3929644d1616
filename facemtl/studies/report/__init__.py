"""Reports as a self-contained page, as Markdown and on a terminal."""
