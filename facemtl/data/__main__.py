"""`python -m facemtl.data PART …`."""

from facemtl.data.command import main
from facemtl.process.cli import run

if __name__ == "__main__":
    run(main)
