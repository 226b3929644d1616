"""Geometry of faces: boxes, their convention, crops, and the pose of heads."""
