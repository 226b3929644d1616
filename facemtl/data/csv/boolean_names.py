"""Recognise pairs of class names that mean yes and no."""

import re
from collections.abc import Sequence

TRUE, FALSE = ("true", "yes"), ("false", "no")
# Words for yes and no, and words before a thing that is present or absent.
AFFIRMATIVE = {
    *("yes", "true", "on", "present", "positive", "pos", "with", "has", "is"),
    *("have", "wears", "wearing", "a", "an", "ja", "mit", "oui", "vrai"),
    *("avec", "si", "sí", "sì", "con", "sim", "com", "да", "с", "tak", "ano"),
    *("evet", "kyllä", "igen", "ναι", "是", "有", "はい", "예", "네", "هاں"),
    *("نعم", "हाँ", "да", "так", "verdadero", "vero", "wahr", "ken", "כן"),
}
NEGATIVE = {
    *("no", "not", "none", "non", "without", "false", "off", "absent"),
    *("negative", "neg", "never", "lacks", "missing", "nein", "nicht", "kein"),
    *("keine", "ohne", "falsch", "faux", "sans", "pas", "sin", "falso"),
    *("senza", "não", "nao", "sem", "нет", "не", "без", "ні", "nie", "bez"),
    *("ne", "nee", "nej", "nei", "hayır", "hayir", "ei", "nem", "όχι", "否"),
    *("无", "無", "不", "没有", "いいえ", "아니요", "아니오", "لا", "नहीं"),
    *("לא", "nu", "geen", "ingen", "uden", "zonder"),
}
PREFIXES = (
    "no",
    "non",
    "un",
    "in",
    "im",
    "ir",
    "dis",
    "不",
    "没",
    "未",
    "无",
    "非",
)
# Letters that mean yes and no only as a pair: "m" and "f" are not such a pair.
LETTERS = {("y", "n"), ("t", "f"), ("j", "n"), ("o", "n"), ("s", "n")}
LETTERS |= {("v", "f"), ("w", "f"), ("д", "н"), ("+", "-"), ("✓", "✗")}


def yes_of(names: Sequence[str]) -> int | None:
    """Return which of two class names means yes.

    Args:
        names: the class names of a task.

    Returns:
        0 or 1; None if the names do not mean yes and no.

    Example:

    >>> yes_of(("yes", "no")), yes_of(("no beard", "beard"))
    (0, 1)
    >>> yes_of(("male", "female")) is None
    True
    """
    if len(names) != 2:
        return None
    first, second = names
    if _denies(first, second):
        return 0
    return 1 if _denies(second, first) else None


def begins_with_yes(names: Sequence[str]) -> bool:
    """Whether the first of two or more classes means yes, the second no.

    Example:

    >>> begins_with_yes(("yes", "no", "unclear"))
    True
    >>> begins_with_yes(("beard", "none", "moustache"))
    False
    """
    # With more classes, "none" may mean none of the others.
    more = len(names) > 2 and _says_only(names[1]) != _says_only(names[0])
    return not more and yes_of(names[:2]) == 0


def _says_only(name: str) -> bool:
    """Whether a name is a plain yes or no, without naming a thing."""
    return set(_words(name)) <= AFFIRMATIVE | NEGATIVE


def boolean_of(cell: str, names: Sequence[str]) -> int | None:
    """Return the class that a cell (true, false, yes or no) stands for.

    Example:

    >>> boolean_of("True", ("without glasses", "with glasses"))
    1
    """
    yes = yes_of(names)
    if yes is None or cell.casefold() not in (*TRUE, *FALSE):
        return None
    return yes if cell.casefold() in TRUE else 1 - yes


def _denies(yes: str, no: str) -> bool:
    """Whether the second name is the negation of the first."""
    if (yes.strip().casefold(), no.strip().casefold()) in LETTERS:
        return True
    said, denied = _words(yes), _words(no)
    if set(said) & NEGATIVE:
        return False
    left = [word for word in denied if word not in NEGATIVE | AFFIRMATIVE]
    what = [word for word in said if word not in AFFIRMATIVE]
    if set(denied) & NEGATIVE:  # "no" alone, or "no beard" with "beard"
        return not left or left == what
    if denied[-1].endswith("less"):  # "beardless" with "beard" or "bearded"
        return said[-1].startswith(denied[-1].removesuffix("less"))
    return any(denied == [*said[:-1], f"{p}{said[-1]}"] for p in PREFIXES)


def _words(name: str) -> list[str]:
    """Split a name into at least one word; `WithHat` has two."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip())
    return re.findall(r"[^\W_]+", apart.casefold()) or [apart]
