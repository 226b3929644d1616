"""Digits of scikit-learn: is a digit odd, and is it over 4?

    python examples/digits.py

trains single, split, cross-stitch and regularized networks of equal size and
writes `digits.json` and `digits.md` beside this file.
"""

import argparse
from pathlib import Path

import numpy as np
from problem import Problem, compare, table, write
from sklearn.datasets import load_digits

WORDS = (
    "Parity and size (over 4) of 1,797 handwritten digits (8×8 pixels), wrong "
    "predictions in percent; 400 digits train, the others test."
)


def problem() -> Problem:
    """Return the digits with their two tasks."""
    x, digit = load_digits(return_X_y=True)
    losses = dict.fromkeys(("parity", "size"), "binary_crossentropy")
    labels = {"parity": digit % 2, "size": digit > 4}
    return Problem(
        x / 8 - 1,
        {task: y[:, None].astype("float32") for task, y in labels.items()},
        losses,
        np.random.default_rng(0).permutation(len(x))[:400],
        epochs=30,
    )


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    found = compare(problem())
    text = table(found, "python examples/digits.py", WORDS)
    write(Path(__file__), found, text)
    print(text)
