"""Faces of millions of photos, by Ray Data."""
