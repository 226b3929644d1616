"""`python -m facemtl.tune`, the same as `python -m facemtl.tuning.search`."""

from facemtl.process.cli import run
from facemtl.tuning.search import main

__all__ = ["main"]

if __name__ == "__main__":
    run(main)
