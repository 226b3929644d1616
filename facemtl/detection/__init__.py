"""Detect the faces of a photo."""
