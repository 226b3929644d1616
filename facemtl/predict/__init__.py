"""Faces in photos and videos: found, and answered about.

No TensorFlow is loaded unless the network needs it.
"""

from facemtl.predict.command import main

__all__ = ["main"]
