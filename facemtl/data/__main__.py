"""`python -m facemtl.data PART …`."""

from facemtl.cli import run
from facemtl.data.command import main

if __name__ == "__main__":
    run(main)
