"""The whole search by its command: workers, the best again, the report."""

import json
import sys

import forked
import pytest
from search_case import QUICK

from facemtl.evaluation.predictions import read_predictions


@pytest.mark.slow
def test_a_search_from_the_command_line(tmp_path):
    space = tmp_path / "space.toml"
    space.write_text(QUICK)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "facemtl", "tune", "--data", "synthetic"]
    command += ["--space", str(space), "--out", str(out), "--workers", "2"]
    command += ["--max-trials", "2", "--tuner", "random", "--confirm", "0"]
    done = forked.run(command)
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stderr == ""
    assert "2 of 2 trials" in done.stdout
    search = json.loads((out / "search.json").read_text())
    assert [x["status"] for x in search["trials"]] == ["COMPLETED"] * 2
    best = next(x for x in search["trials"] if x["id"] == search["best"])
    assert f"{best['score']:.3f}" in done.stdout
    answered = list(out.glob("trials/*/run/predictions.npz"))
    assert len(answered) == 2
    for file in answered:  # test faces are left alone
        assert set(read_predictions(file)) == {"validation"}
    assert (out / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert str(tmp_path) not in (out / "search.json").read_text()
    # It goes on: no trial is left, and the best is trained beside the default.
    more = ["--resume", "--workers", "1", "--confirm", "1"]
    words = command[: command.index("--confirm")] + more
    done = forked.run(words)
    assert done.returncode == 0, done.stderr + done.stdout
    search = json.loads((out / "search.json").read_text())
    (group,) = search["confirmation"]["groups"]
    assert [x["name"] for x in group["variants"]] == ["default", "tuned"]
    assert "tuned" in (out / "report.md").read_text()


@pytest.mark.slow
def test_a_mistake_is_one_line(tmp_path):
    space = tmp_path / "space.toml"
    space.write_text("[[hyperparameters]]\nkey = 'model.widht'\nlow = 1\n")
    command = [sys.executable, "-m", "facemtl.tuning.search"]
    command += ["--space", str(space), "--out", str(tmp_path / "out")]
    done = forked.run(command)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "space.toml" in done.stderr
    assert done.stderr.count("\n") == 1
