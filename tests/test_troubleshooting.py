"""The messages of docs/troubleshooting.md are those of the source code."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.slow  # All of the source code is parsed.
MESSAGES = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)


@cache
def texts():
    """All texts of the source code but docstrings; … is what is filled in."""
    found = []
    for folder in ("facemtl", "export", "tuning"):
        for file in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            nodes = list(ast.walk(tree))
            docstrings = {
                node.value for node in nodes if isinstance(node, ast.Expr)
            }
            found += [_text(node) for node in nodes if node not in docstrings]
    return "\n".join(filter(None, found))


def _text(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in node.values)
    return ""


def occurs(message):
    """Whether the parts between … are parts of one text, in this order."""
    parts = [re.escape(x.strip()) for x in message.split("…") if x.strip()]
    return bool(re.search(".*?".join(parts), texts()))


@pytest.mark.parametrize("message", MESSAGES)
def test_the_message_is_printed_by_the_code(message):
    assert occurs(message)


def test_another_message_is_not():
    assert len(MESSAGES) > 30
    assert not occurs("Expected a photo of a cat.")
    assert not occurs("Expected one process at a time in … Install it with")
