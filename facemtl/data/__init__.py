"""`facemtl data`: look at labelled faces, and convert other formats."""

from facemtl.data.command import main

__all__ = ["main"]
