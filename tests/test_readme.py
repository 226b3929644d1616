"""The README's own code runs, and its numbers are the committed ones."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", BLOCKS, ids=lambda c: c.splitlines()[0])
def test_python_code_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_shell_commands_are_commands():
    from facemtl.__main__ import VERBS

    shell = "".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
    used = set(re.findall(r"^facemtl (\w+)", shell, re.MULTILINE))
    assert used
    assert used <= set(VERBS)
    goals = set(re.findall(r"^make (\w+)", shell, re.MULTILINE))
    assert goals <= set(re.findall(r"^(\w+):", _makefile(), re.MULTILINE))


def _makefile():
    return (ROOT / "Makefile").read_text()


def test_files_that_are_linked_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_results_are_the_committed_ones():
    results = json.loads((ROOT / "benchmarks/networks.json").read_text())
    for name, network in results["networks"].items():
        cells = [
            "{mean:.2f} ± {std:.2f}".format(**network[split][key])
            for split, key in (
                ("validation", "mean_error_box"),
                ("validation", "failure_rate_box_5"),
                ("test", "mean_error_box"),
                ("test", "mean_error_interocular"),
            )
        ]
        row = f"| `{name}` | " + " | ".join(cells)
        assert row in README


def test_the_drawn_faces_result_is_the_committed_one():
    file = ROOT / "benchmarks/drawn_to_real.json"
    results = json.loads(file.read_text())
    parts = ("network", "mean shape of drawn faces", "mean shape of real faces")
    for part in parts:
        error = results[part]["frontal"]["mean_error_box"]
        assert f"{error:.2f} %" in README
