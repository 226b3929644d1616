"""Boxes of faces, their convention, and crops."""
