"""An extension of griffe, which reads the docstrings.

griffe takes an example as text, since it stands at the margin below `Example:`.
"""

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"^>>> .*(\n.+)*", re.MULTILINE)


class Examples(griffe.Extension):
    """Show examples as code."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Fence the examples of a docstring."""
        if obj.docstring:
            obj.docstring.value = EXAMPLE.sub(
                r"```pycon\n\g<0>\n```", obj.docstring.value
            )
