"""A table of scikit-learn: the progression of diabetes, and the blood sugar.

    python examples/diabetes.py

trains single, split, cross-stitch and regularized networks of equal size and
writes `diabetes.json` and `diabetes.md` beside this file.
"""

import argparse
from pathlib import Path

import numpy as np
from problem import Problem, compare, table, write
from sklearn.datasets import load_diabetes

WORDS = (
    "Progression of diabetes and blood sugar of 442 patients from nine other "
    "columns, mean absolute error in standard deviations; 221 patients train, "
    "the others test."
)


def problem() -> Problem:
    """Return the patients with their two tasks."""
    x, progression = load_diabetes(return_X_y=True)
    labels = {"progression": progression, "sugar": x[:, 9]}
    scaled = {
        task: ((y - y.mean()) / y.std())[:, None].astype("float32")
        for task, y in labels.items()
    }
    inputs = x[:, :9] / x[:, :9].std(axis=0)
    rows = np.random.default_rng(0).permutation(len(x))[:221]
    losses = dict.fromkeys(labels, "mse")
    return Problem(inputs, scaled, losses, rows, epochs=30)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    found = compare(problem())
    text = table(found, "python examples/diabetes.py", WORDS)
    write(Path(__file__), found, text)
    print(text)
