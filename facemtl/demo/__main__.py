"""`python -m facemtl.demo`."""

from facemtl.demo.command import main
from facemtl.process.cli import run

if __name__ == "__main__":
    run(main)
