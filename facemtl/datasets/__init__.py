"""The readers of faces are in `facemtl.data`."""
