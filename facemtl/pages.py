"""Addresses of the documentation's pages, for help and errors."""

HOME = "https://github.com/facemtl/facemtl"


def page(file: str) -> str:
    """Return the address of a page by its file in the repository.

    Example:

    >>> page("docs/predict.md")
    'https://github.com/facemtl/facemtl/blob/main/docs/predict.md'
    """
    return f"{HOME}/blob/main/{file}"


def guide(file: str) -> str:
    """Return the last line of a command's help.

    Example:

    >>> guide("docs/predict.md")
    'Guide: https://github.com/facemtl/facemtl/blob/main/docs/predict.md'
    """
    return f"Guide: {page(file)}"
