"""Detect faces in photos and videos, and predict their points and attributes.

TensorFlow is imported only if the network needs it.
"""

from facemtl.predict.command import main

__all__ = ["main"]
