"""`python -m facemtl.export`."""

from facemtl.export.command import main
from facemtl.process.cli import run

if __name__ == "__main__":
    run(main)
