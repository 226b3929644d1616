"""`python -m facemtl.predict`."""

from facemtl.cli import run
from facemtl.predict.command import main

if __name__ == "__main__":
    run(main)
