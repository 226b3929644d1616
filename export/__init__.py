"""A trained network as files that apps load; also `facemtl.export`."""

from facemtl.export.command import main

__all__ = ["main"]
