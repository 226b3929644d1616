"""The people on MORE's photos of UTKFace: age and group, by the photo's name.

Groups are coarse impressions of annotators. They serve to report errors alone.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facemtl.errors import InputError

# {years: first year, first year of the next}
AGES = {
    "0–4": (0, 5),
    "5–14": (5, 15),
    "15–29": (15, 30),
    "30–59": (30, 60),
    "60+": (60, 1000),
}
COLUMNS = ("file", "age", "group")


@dataclass(frozen=True)
class Person:
    """One person: years of age, and the authors' group."""

    age: int
    group: str

    @property
    def years(self) -> str:
        """The group of ages.

        Example:

        >>> Person(4, "asian").years, Person(60, "other").years
        ('0–4', '60+')
        """
        (found,) = (k for k, (a, b) in AGES.items() if a <= self.age < b)
        return found


def read_people(file: str | Path) -> dict[str, Person]:
    """Return {name of the photo without folders: person}.

    Raises:
        InputError: if the CSV has other columns than file, age and group.
    """
    with Path(file).open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InputError(
                f"{file}: expected the columns {', '.join(COLUMNS)}. "
                f"Received: {', '.join(reader.fieldnames or ())}."
            )
        return {
            Path(row["file"]).name: Person(int(row["age"]), row["group"])
            for row in reader
        }


def by_age(names: np.ndarray, file: str | Path) -> dict[str, np.ndarray]:
    """Return {years: (N,) bool}, in the order of `AGES`.

    Args:
        names: names of N photos, in any folders.
        file: see `read_people`.
    """
    people = read_people(file)
    years = np.array([people[Path(name).name].years for name in names])
    return {group: years == group for group in AGES}
