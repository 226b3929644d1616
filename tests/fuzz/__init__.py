"""Fuzzers of all that facemtl reads: see `run.py`."""
