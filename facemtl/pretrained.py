"""The trained networks that come with the package."""

from pathlib import Path

from facemtl.arguments import checked_path

FOLDER = Path(__file__).parent / "presets"
NAMES = ("tiny", "base", "large")
DEFAULT = "base"


def pretrained_names() -> list[str]:
    """The names that `Predictor.load` takes, the fastest network first.

    Example:

    >>> pretrained_names()
    ['tiny', 'base', 'large']
    """
    return list(NAMES)


def find_pretrained(path: str | Path) -> Path:
    """The file of a preset if `path` is its name; else `path` itself.

    What lies at `path` comes first.

    Raises:
        InputError: for what is no path.

    Example:

    >>> find_pretrained("base").name
    'base.tflite'
    >>> str(find_pretrained("runs/mine"))
    'runs/mine'
    """
    path = checked_path("a network's file, folder or name", path)
    if str(path) in pretrained_names() and not path.exists():
        return FOLDER / f"{path}.tflite"
    return path
