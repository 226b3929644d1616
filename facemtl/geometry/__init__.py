"""Geometry of faces: boxes, their convention, and crops."""
