"""Predict photos and the camera's frames on a local page.

TensorFlow is imported only if a chosen network needs it.
"""

from facemtl.demo.command import main

__all__ = ["main"]
