"""Charts as inline SVG: small, with text as text, the same bytes each time."""

import hashlib
import io
import re
import warnings
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from facemtl.studies.report.style import SETTINGS, WIDTH


def draw(label: str, height: float, paint: Callable[[Any], None]) -> str:
    """A chart as an `<svg>` element, `WIDTH` units wide.

    Args:
        label: what it shows, for who cannot see it. Two charts of one page
            have two labels: their ids are made of it.
        height: in the same units.
        paint: draws into the matplotlib figure that it is given.

    Returns:
        The element, without size, namespace or metadata.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    inches = (WIDTH / 72, height / 72)
    file = io.StringIO()
    with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
        # The browser has the letters that matplotlib's font lacks.
        warnings.filterwarnings("ignore", "Glyph")
        figure = Figure(figsize=inches, layout="constrained", facecolor="none")
        paint(figure)
        # savefig would draw everything twice.
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})
    return _inline(file.getvalue(), label)


def _inline(text: str, label: str) -> str:
    """A whole SVG file as an element that fits into a page."""
    key = hashlib.blake2b(f"{label}{text}".encode(), digest_size=4).hexdigest()
    used = {*re.findall(r"(?:url\(|href=\")#([\w.]+)", text)}
    root = ElementTree.fromstring(text)
    for element in list(root.iter()):
        element.tag = element.tag.rpartition("}")[2]
        element.text = (element.text or "").strip() or None
        element.tail = None
        _tidy(element, used, f"c{key}-")
    _unwrap(root)
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-label": label,
    }
    return ElementTree.tostring(root, encoding="unicode")


def _tidy(element: ElementTree.Element, used: set[str], prefix: str) -> None:
    """Short numbers, and ids that no other chart of a page has."""
    found = {}
    for name, value in element.attrib.items():
        name = name.rpartition("}")[2]
        if name == "id" and value not in used:
            continue
        if name in ("d", "x", "y", "transform", "points"):
            value = re.sub(r"-?\d+\.\d\d+", _two_digits, value)
            value = " ".join(value.split())
        if value.startswith("rotate(-0 "):
            continue
        value = re.sub(r"font-family: [^;]*; ", "", value)
        value = value.replace("url(#", f"url(#{prefix}")
        if name == "href":
            value = value.replace("#", f"#{prefix}")
        found[name] = prefix + value if name == "id" else value
    element.attrib = found


def _two_digits(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}"


def _unwrap(parent: ElementTree.Element) -> None:
    """Drop what does nothing: bare groups, metadata, rules for all pages."""
    kept: list[ElementTree.Element] = []
    for child in parent:
        _unwrap(child)
        if child.tag in ("metadata", "style"):
            continue
        bare = child.tag in ("g", "defs") and not child.attrib
        empty = bare and not len(child)
        if not empty:
            kept += list(child) if bare and child.tag == "g" else [child]
    parent[:] = kept
