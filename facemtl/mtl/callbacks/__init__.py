"""Callbacks of multi-task training."""
