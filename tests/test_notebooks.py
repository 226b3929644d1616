"""The notebooks of the documentation, as they are committed.

The site's build executes them. Here, nothing is executed.
"""

import ast
import json
import re
from pathlib import Path

import pytest

import facemtl
import facemtl.mtl

FOLDER = Path(__file__).parents[1] / "docs/notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CLEAR = "jupyter nbconvert --clear-output --inplace docs/notebooks/*.ipynb"
INSTALL = 'if importlib.util.find_spec("facemtl") is None:\n    %pip install '
PUBLIC = {
    "facemtl": set(facemtl.__all__),
    "facemtl.mtl": set(facemtl.mtl.__all__),
}
ABSOLUTE = re.compile(r"""(?:^|[\s"'(=])(?:/|[A-Z]:[\\/])\w+""", re.MULTILINE)
each = pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)


def cells(file, kind):
    """The cells of a kind, each with its whole source."""
    found = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return [
        {**cell, "source": "".join(cell["source"])}
        for cell in found
        if cell["cell_type"] == kind
    ]


def used_names(code):
    """The names of facemtl in a cell: (module, name)."""
    plain = re.sub(r"^( *)[%!].*", r"\1pass", code, flags=re.MULTILINE)
    for node in ast.walk(ast.parse(plain)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from (("import", x) for x in names if x[:8] == "facemtl.")
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(
            node.value, ast.Name
        ):
            yield node.value.id, node.attr


def test_there_are_notebooks():
    assert len(NOTEBOOKS) == 5


@each
def test_a_notebook_is_valid_and_says_what_it_is(file):
    whole = json.loads(file.read_text(encoding="utf-8"))
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    assert whole["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in whole["cells"]]
    assert len(set(ids)) == len(ids)
    texts = [cell["source"] for cell in cells(file, "markdown")]
    assert texts[0].startswith("# ")
    assert "## What next" in texts[-1]


@each
def test_a_notebook_has_no_outputs(file):
    for cell in cells(file, "code"):
        clean = not cell["outputs"] and cell["execution_count"] is None
        assert clean, f"{file.name} has outputs. Run: {CLEAR}"


@each
def test_a_notebook_installs_facemtl_only_where_it_is_missing(file):
    first, *others = (cell["source"] for cell in cells(file, "code"))
    assert INSTALL in first
    assert not any("pip install" in code for code in others)


@each
def test_a_notebook_uses_public_names_only(file):
    names = {
        name
        for cell in cells(file, "code")
        for name in used_names(cell["source"])
    }
    ours = {x for x in names if x[0].split(".")[0] in ("facemtl", "import")}
    wrong = [x for x in sorted(ours) if x[1] not in PUBLIC.get(x[0], ())]
    assert not wrong


def test_names_that_are_not_public_are_seen():
    code = "import facemtl.data\nfrom facemtl.words import plural\n%pip x"
    code += "\nfacemtl.train\n"
    assert sorted(used_names(code)) == [
        ("facemtl", "train"),
        ("facemtl.words", "plural"),
        ("import", "facemtl.data"),
    ]


@each
def test_a_notebook_has_no_absolute_path(file):
    for cell in cells(file, "code") + cells(file, "markdown"):
        assert not ABSOLUTE.search(cell["source"])


@each
def test_a_figure_has_a_text(file):
    for cell in cells(file, "code"):
        if "plt.show()" in cell["source"]:
            assert len(cell["metadata"].get("alt", "")) > 20
