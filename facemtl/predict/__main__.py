"""`python -m facemtl.predict`."""

from facemtl.predict.command import main
from facemtl.process.cli import run

if __name__ == "__main__":
    run(main)
