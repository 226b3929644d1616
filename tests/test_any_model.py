"""The page on models of your own runs, and says what is there."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest

import facemtl.mtl

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/any_model.md").read_text("utf-8")
EXAMPLES = ("digits", "diabetes")


@pytest.mark.slow
def test_its_code_learns_in_ten_lines(tmp_path, monkeypatch, capsys):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    own = code[code.index("image =") :].splitlines()
    assert len([x for x in own if x and not x.startswith(" ")]) == 10
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    names = {}
    exec(compile(code, "any_model.md", "exec"), names)
    assert "val_parity_accuracy: " in capsys.readouterr().out
    log = names["model"].history.history
    assert log["parity_accuracy"][-1] > 0.8
    read = keras.saving.load_model("digits.keras")
    assert set(read.predict(np.zeros((1, 64)), verbose=0)) == {
        "parity",
        "large",
    }


def test_its_names_are_public():
    words = set(re.findall(r"`([A-Z]\w+|\w+_optimizer)[`(]", PAGE))
    assert len(words) > 15
    assert words - {"KERAS_BACKEND"} <= set(facemtl.mtl.__all__)
    assert set(facemtl.mtl.__all__) <= set(dir(facemtl.mtl))


def test_files_that_are_linked_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


def test_an_unknown_name_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'CrossStich'"):
        facemtl.mtl.CrossStich  # noqa: B018
