"""The page on models of your own runs, and says what is there."""

import ast
import json
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import keras
import numpy as np
import pytest

import facemtl.mtl

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/any_model.md").read_text("utf-8")
EXAMPLES = ("digits", "diabetes", "trading")


@pytest.mark.slow
def test_its_code_learns_in_nine_statements(tmp_path, monkeypatch, capsys):
    *_, code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(ast.parse(code[code.index("pixels =") :]).body) == 9
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    names = {}
    exec(compile(code, "any_model.md", "exec"), names)
    assert "val_parity_accuracy: " in capsys.readouterr().out
    log = names["model"].history.history
    assert log["parity_accuracy"][-1] > 0.8
    read = keras.saving.load_model("digits.keras")
    predictions = read.predict(np.zeros((1, 64)), verbose=0)
    assert set(predictions) == {"parity", "high"}


def test_its_names_are_public():
    words = set(re.findall(r"`([A-Z]\w+|\w+_optimizer)[`(]", PAGE))
    assert len(words) > 15
    # What the page compares with, and what no module has.
    others = {"KERAS_BACKEND", "Learner", "FaceNetwork"}
    assert words - others <= set(facemtl.mtl.__all__)
    assert set(facemtl.mtl.__all__) <= set(dir(facemtl.mtl))


MODULES = sorted((ROOT / "facemtl/mtl").rglob("*.py"))
LOWER = ("arguments", "errors", "layers", "mtl", "words")


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.stem)
def test_it_knows_no_faces_and_imports_no_backend(file):
    """But in the steps of a backend, which are imported where they are used."""
    text = file.read_text("utf-8")
    said = text.replace("without a word of faces", "")
    said = re.sub("Nothing here knows faces|that knew no faces", "", said)
    assert not re.search(r"\b(faces?|crops?|landmarks?)\b", said)
    if file.stem.endswith("_steps"):
        return
    for node in ast.parse(text).body:  # what is imported with the module
        names = [x.name for x in getattr(node, "names", ())]
        if isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        elif not isinstance(node, ast.Import):
            continue
        for name in names:
            first, _, rest = name.partition(".")
            assert first not in {"tensorflow", "jax", "torch"}
            assert first != "facemtl" or rest.partition(".")[0] in LOWER


def test_files_that_are_linked_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


def test_an_unknown_name_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'CrossStich'"):
        facemtl.mtl.CrossStich  # noqa: B018


@pytest.fixture
def scripts(monkeypatch):
    """Imports scripts of the folders of examples and benchmarks."""
    for folder in ("examples", "benchmarks"):
        monkeypatch.syspath_prepend(ROOT / folder)
    return import_module


@pytest.mark.parametrize("name", EXAMPLES)
def test_committed_tables_are_those_of_their_numbers(name, scripts):
    words = scripts(name).WORDS
    results = json.loads((ROOT / f"examples/{name}.json").read_text("utf-8"))
    text = (ROOT / f"examples/{name}.md").read_text("utf-8")
    command = f"python examples/{name}.py"
    assert text == scripts("problem").table(results, command, words)
    networks = [row for row in results.values() if "weights" in row]
    sizes = [row["weights"] for row in networks]
    assert max(sizes) < 1.15 * min(sizes)
    assert {len(x) for row in networks for x in row["errors"].values()} == {5}


def test_an_interval_is_students(scripts):
    low, high = scripts("problem").interval([2, 4, 6, 8, 10], [1, 2, 3, 4, 5])
    half = 2.776 * np.std([1, 2, 3, 4, 5], ddof=1) / 5**0.5
    assert (low, high) == pytest.approx((3 - half, 3 + half), abs=1e-3)


def test_wrong_classes_are_counted_in_percent(scripts):
    digits = scripts("digits").problem()
    known = {task: y[digits.test].copy() for task, y in digits.labels.items()}
    known["parity"][: len(digits.test) // 2] *= -1
    found = scripts("problem").scores(digits, known)
    half = digits.labels["parity"][digits.test][: len(digits.test) // 2]
    assert found["size"] == 0
    assert found["parity"] == pytest.approx(
        100 * half.sum() / len(known["size"])
    )


@pytest.mark.slow
def test_twin_lstms_train_on_a_series(scripts):
    """Two epochs are better than the mean of the days before."""
    trading = scripts("trading").problem()
    mean = {t: 0 * y[trading.test] for t, y in trading.labels.items()}
    constant = scripts("problem").scores(trading, mean)
    found = scripts("problem").errors(
        replace(trading, epochs=2), "regularized", 0
    )
    assert all(found[task] < 0.9 * constant[task] for task in constant)
    # Nothing of the days that test is known before.
    assert trading.train.max() + 1 == trading.test.min()


def test_the_table_of_steps_is_that_of_its_numbers(scripts):
    results = json.loads(
        (ROOT / "benchmarks/mtl_steps.json").read_text("utf-8")
    )
    text = (ROOT / "benchmarks/mtl_steps.md").read_text("utf-8")
    assert text == scripts("mtl_steps").table(results)
    methods = {*facemtl.mtl.WEIGHTINGS, *facemtl.mtl.BALANCINGS}
    assert {frozenset(times) for times in results.values()} == {
        frozenset(methods)
    }


def test_the_table_of_backends_is_that_of_its_numbers(scripts):
    results = json.loads((ROOT / "benchmarks/backends.json").read_text("utf-8"))
    text = (ROOT / "benchmarks/backends.md").read_text("utf-8")
    assert text == scripts("backends").table(results)
    assert list(results) == ["tensorflow", "jax", "torch"]
    assert {len(row["errors"]) for row in results.values()} == {3}
