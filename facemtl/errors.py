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
