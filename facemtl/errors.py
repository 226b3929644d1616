"""Errors that a user can cause and mend."""

from facemtl.words import one_line

LONGEST = 2000  # characters of a message


class InputError(ValueError):
    """What the user gave cannot be used: a file, a row, a setting.

    Its message is one line that says what was expected, what came and where;
    what a file put into it is escaped, and cut where it is too long.
    The commands print it without a traceback and exit with status 2.

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
    """A run that ended without a network that can be used.

    The commands print it in one line, too, and exit with status 1.
    """


class RowError(InputError):
    """A face that cannot be used, before its file and row are known.

    Args:
        reason: in a few words; invalid rows are counted by it.
        detail: what came instead, without a full stop.

    Example:

    >>> str(RowError("class out of range", "pose is '6', expected 1 to 5"))
    "class out of range: pose is '6', expected 1 to 5"
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
