"""Estimate the cost of a load from `benchmarks/photo_costs.py`'s measurements.

    python -m facemtl.export.apps.plan [--price 0.04] [--rate 100]

prints the table of `README.md`: the cost of each step for one photo, photos per
core, the cost of a million photos, and the cores for a given rate.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from facemtl.arguments import checked_number
from facemtl.markdown import table
from facemtl.process.cli import run

COSTS = Path(__file__).with_name("photo_costs.json")  # part of the wheel
PRICE = 0.04  # price of a core-hour
RATE = 100.0  # photos per second
BUSY = 0.6  # utilization of a core; above it, queues grow long
MODEL = "base"
HEADS = (
    *("megapixels", "decode, ms", "find, ms", "crop and network, ms"),
    *("photos/s a core", "core-hours a million", "cost a million"),
)


def plan_table(
    milliseconds: Mapping[str, Mapping[str, float]],
    price: float = PRICE,
    rate: float = RATE,
) -> str:
    """Return a table with a row per photo size.

    Args:
        milliseconds: {megapixels: {step: milliseconds on one core}}.
        price: price of a core-hour.
        rate: photos per second.
    """
    rows = []
    for size, parts in milliseconds.items():
        spent = parts["decode"], parts["find"], parts[MODEL]
        total = sum(spent)
        hours = total * 1e6 / 3.6e6
        rows.append(
            [
                size,
                *(f"{x:.1f}" for x in spent),
                f"{1000 / total:.0f}",
                f"{hours:.1f}",
                f"{hours * price:.2f}",
                str(cores(total, rate)),
            ]
        )
    return table([*HEADS, f"cores for {rate:g}/s"], rows)


def cores(milliseconds: float, rate: float) -> int:
    """Return the number of cores for a rate, at a utilization of `BUSY`.

    Example:

    >>> cores(12.0, 100)  # 1.2 seconds of work per second, 0.6 per core
    2
    """
    return math.ceil(round(rate * milliseconds / 1000 / BUSY, 6))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--price", type=float, default=PRICE)
    parser.add_argument("--rate", type=float, default=RATE)
    args = parser.parse_args(argv)
    for name in ("price", "rate"):
        checked_number(f"--{name} > 0", getattr(args, name), lambda x: x > 0)
    costs = json.loads(COSTS.read_text("utf-8"))["milliseconds"]
    print(plan_table(costs, args.price, args.rate))
    return 0


if __name__ == "__main__":
    run(main)
