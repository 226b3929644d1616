"""Errors that a user can cause and mend."""


class InputError(ValueError):
    """What the user gave cannot be used: a file, a row, a setting.

    Its message is one line that says what was expected, what came and where.
    The commands print it without a traceback and exit with status 2.

    Example:

    >>> raise InputError("Expected a folder. Received: 'missing'.")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected a folder. Received: 'missing'.
    """


class RunFailed(InputError):
    """A run that ended without a network that can be used.

    The commands print it in one line, too, and exit with status 1.
    """
