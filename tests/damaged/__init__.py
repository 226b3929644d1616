"""Damaged files of every kind that facemtl reads, from a fixed seed."""
