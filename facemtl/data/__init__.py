"""Labelled faces; `facemtl data` checks them and converts other formats."""

from facemtl.data.command import main

__all__ = ["main"]
