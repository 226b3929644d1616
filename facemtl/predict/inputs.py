"""The photos of a command: files, patterns, folders and standard input."""

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facemtl.errors import InputError
from facemtl.photos.folders import photos_in
from facemtl.photos.patterns import matching_files
from facemtl.photos.photo import as_rgb
from facemtl.process.native_words import without_native_words
from facemtl.process.streams import on_terminal
from facemtl.words import one_line

STANDARD_INPUT = "-"


@dataclass
class Inputs:
    """The photos of a command.

    Attributes:
        files: their names; `-` is standard input.
        notes: lines about files in folders that are left out.
        faults: lines about folders that cannot be read.
    """

    files: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def find_inputs(names: Sequence[str], outputs: Collection[str]) -> Inputs:
    """Expand patterns and folders.

    Args:
        names: files, patterns, folders and `-`, as given.
        outputs: folders of outputs, which are not searched.

    Raises:
        InputError: for a single folder without photos, or one that cannot be
            read; or for standard input that is a terminal or is given twice.
    """
    inputs = Inputs()
    given = matching_files(names)
    for name in given:
        if not _is_folder(name):
            inputs.files.append(name)
            continue
        try:
            found = photos_in(name, outputs)
        except InputError:
            if len(given) == 1:
                raise
            # It is counted as a photo that cannot be used; others continue.
            inputs.files.append(name)
            continue
        inputs.files += found.files
        inputs.faults += found.faults
        if found.others:
            inputs.notes.append(f"{name}: left out {found.others_line()}.")
    _check_standard_input(inputs.files.count(STANDARD_INPUT))
    return inputs


def read_photo(file: str) -> np.ndarray:
    """Return the pixels of a file, or of standard input.

    Raises:
        InputError: for an invalid photo.
    """
    # Decoders' messages about broken files are reported by exceptions.
    if file == STANDARD_INPUT:
        try:
            return without_native_words(as_rgb, sys.stdin.buffer)
        except InputError as error:
            said = str(error).replace("the opened file", "standard input")
            raise InputError(said) from None
    return without_native_words(as_rgb, file)


def show_notes(inputs: Inputs, quiet: bool) -> None:
    """Print what was left out, and folders that cannot be read."""
    notes = [] if quiet else inputs.notes
    for line in (*notes, *inputs.faults):
        print(one_line(line), file=sys.stderr)


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _check_standard_input(count: int) -> None:
    if count > 1:
        raise InputError(
            "Expected '-' once: standard input is one photo. Received: it "
            f"{count} times."
        )
    if count and on_terminal(sys.stdin):
        raise InputError(
            "Expected a photo on standard input, as from facemtl predict - < "
            "photo.jpg. Received: a terminal."
        )
