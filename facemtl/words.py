"""Words of what is counted."""


def plural(n: int, noun: str) -> str:
    """The noun as it stands behind a number.

    Example:

    >>> f"1 {plural(1, 'face')}, 0 {plural(0, 'photo')}"
    '1 face, 0 photos'
    """
    return noun if n == 1 else f"{noun}s"
