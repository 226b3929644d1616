"""Errors that a user can cause and correct."""

from facemtl.words import one_line

LONGEST = 2000  # characters of a message


class InputError(ValueError):
    """Raised for invalid input: a file, a row, a setting.

    The message is one line: what was expected, what was received, and where.
    Text from files is escaped, and long messages are shortened. Commands print
    it without a traceback and exit with status 2.

    Example:

    >>> raise InputError("Expected a folder. Received: 'missing'.")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected a folder. Received: 'missing'.
    """

    def __init__(self, message: object = "") -> None:
        text = one_line(str(message))
        cut = len(text) > LONGEST
        super().__init__(f"{text[:LONGEST]}…" if cut else text)


class RunFailed(InputError):
    """Raised if a run ends without a usable network.

    Commands print it in one line and exit with status 1.
    """


class RowError(InputError):
    """Raised for an invalid face, before its file and row are known.

    Args:
        reason: a few words, by which invalid rows are counted.
        detail: what was received, without a full stop.

    Example:

    >>> str(RowError("class out of range", "pose is '6', expected 1 to 5"))
    "class out of range: pose is '6', expected 1 to 5"
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
