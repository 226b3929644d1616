"""Export a trained network as files for apps; imported as `facemtl.export`."""

from facemtl.export.command import main

__all__ = ["main"]
