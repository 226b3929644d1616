"""Time series: the volume and the price range of tomorrow's trading.

    python examples/trading.py

trains twin LSTMs, single, split, cross-stitched and regularized, on the daily
prices that Matplotlib ships, and writes `trading.json` and `trading.md` beside
this file.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.cbook import get_sample_data
from problem import Labels, Problem, compare, recurrent, table, write
from sklearn.linear_model import LinearRegression

DAYS, TRAIN = 10, 0.7
WORDS = (
    f"Tomorrow's trading volume and price range (logarithms) from {DAYS} days "
    "of a stock, 2004 to 2008, mean absolute error in standard deviations; the "
    "first 70 % of the days train, the later ones test."
)


def series() -> np.ndarray:
    """Return log volume, log range and log return of each day (T, 3)."""
    files: Any = get_sample_data("goog.npz")
    days = files["price_data"]
    close = np.log(days["adj_close"])
    reach = np.log(days["high"] / days["low"])
    return np.stack(
        [np.log(days["volume"][1:]), np.log(reach[1:]), np.diff(close)], axis=1
    )


def problem() -> Problem:
    """Return windows of days with two tasks: what the next day brings."""
    days = series()
    known = days[: int(TRAIN * len(days))]
    days = (days - known.mean(axis=0)) / known.std(axis=0)
    x = np.stack([days[i : i + DAYS] for i in range(len(days) - DAYS)])
    y = {"volume": days[DAYS:, :1], "range": days[DAYS:, 1:2]}
    labels = {task: values.astype("float32") for task, values in y.items()}
    rows = np.arange(len(known) - DAYS)
    return Problem(
        x.astype("float32"),
        labels,
        dict.fromkeys(labels, "mse"),
        rows,
        epochs=12,
        layers=recurrent,
        width=16,
        simple=simple(x, labels, rows),
    )


def simple(
    x: np.ndarray, labels: Labels, rows: np.ndarray
) -> dict[str, Labels]:
    """Return the predictions of two methods without a network."""
    last, linear = {}, {}
    for i, (task, y) in enumerate(labels.items()):
        own = x[:, :, i]
        last[task] = own[:, -1:]
        linear[task] = LinearRegression().fit(own[rows], y[rows]).predict(own)
    return {"as today": last, "linear regression": linear}


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    found = compare(problem())
    text = table(found, "python examples/trading.py", WORDS)
    write(Path(__file__), found, text)
    print(text)
