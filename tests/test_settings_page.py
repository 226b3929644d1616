"""The page of settings has each of them."""

import re
from pathlib import Path

from facemtl.config import load_config
from facemtl.dotted_names import flat

ROOT = Path(__file__).parent.parent


def test_every_setting_has_a_row_with_its_default_and_meaning(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs/tools")
    from settings_tables import settings_tables

    text = settings_tables()
    rows = re.findall(r"^\| `([\w.]+)` \| `(.+?)` \| (.*) \|$", text, re.M)
    # `flat` leaves out tables without entries.
    names = [name for name, value, _ in rows if value != "{}"]
    assert names == [*flat(load_config())]
    assert len(rows) - len(names) == 4
    assert ("train.batch_size", "32", "faces a step") in rows
    assert all(meaning for _, _, meaning in rows)
    (method,) = [x for name, _, x in rows if name == "weighting.method"]
    assert method.endswith('"famo" (facemtl.mtl)')  # In its second line.
    assert r"landmarks \| attributes" in text
    assert "such as `{ landmarks = 10 }` |\n" in text
    assert "## model.stitch\n" in text
