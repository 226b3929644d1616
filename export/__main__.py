"""`python -m facemtl.export`."""

from facemtl.cli import run
from facemtl.export.command import main

if __name__ == "__main__":
    run(main)
