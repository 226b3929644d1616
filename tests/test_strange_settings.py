"""Settings of a stranger's file lead nowhere outside."""

import signal
import subprocess
import sys

import pytest

from facemtl.config import load_config, write_config
from facemtl.errors import InputError
from facemtl.evaluate import _data_of_run
from facemtl.files.cache_place import check_cache
from facemtl.fit import main
from facemtl.studies import processes, runner
from facemtl.studies.study import load_study

OUTSIDE = "../../x"


def test_an_architecture_is_no_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    setting = f'model.architecture = "{OUTSIDE}"\n'
    (tmp_path / "config.toml").write_text(setting)
    (tmp_path / "study.toml").write_text(
        f"[settings]\n{setting}[[variants]]\nname = 'a'\n"
    )
    wanted = "Expected model.architecture in .* Received: '../../x'"
    with pytest.raises(InputError, match=wanted):
        main(["--data", "synthetic", "--config", "config.toml"])
    with pytest.raises(InputError, match=wanted):
        load_study(tmp_path / "study.toml")
    with pytest.raises(InputError, match=wanted):
        load_config(settings=[f"model.architecture={OUTSIDE}"])
    assert {path.name for path in tmp_path.iterdir()} == {
        "config.toml",
        "study.toml",
    }


@pytest.mark.parametrize("cache", ["/outside", "../outside"])
def test_a_cache_elsewhere_is_refused(cache, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here/config.toml").write_text(f'data.cache = "{cache}"')
    words = ["--data", "synthetic", "--config", "config.toml", "--out", "run"]
    with pytest.raises(InputError) as error:
        main(words)
    assert f"add --set data.cache={cache}" in str(error.value)
    assert str(error.value).startswith("config.toml: data.cache = ")
    assert not (tmp_path / "here/run").exists()


def test_a_link_does_not_lead_a_cache_out(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "here/cache").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(InputError, match="lies outside"):
        check_cache("cache/x", "config.toml", [])


def test_a_cache_of_ones_own_is_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    far = tmp_path.parent / "far"
    check_cache("cache", "config.toml", [])
    check_cache(str(tmp_path / "cache"), far / "config.toml", [])
    check_cache(str(far / "cache"), far / "config.toml", [])
    check_cache("/elsewhere", "config.toml", ["data.cache = /elsewhere"])
    check_cache("/elsewhere", "", [])


def test_evaluate_writes_into_no_cache_of_a_strangers_run(tmp_path):
    config = load_config(settings=["data.source=synthetic"])
    for cache, kept in (("/outside", ""), (str(tmp_path / "c"), None)):
        config["data"]["cache"] = cache
        write_config(config, tmp_path / "config.toml")
        data = _data_of_run(tmp_path, "synthetic")
        assert data.cache == (cache if kept is None else kept)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (
            signal.SIGKILL,
            "killed by signal 9, SIGKILL: out of memory? (its log: ",
        ),
        (signal.SIGTERM, "killed by signal 15, SIGTERM (its log: "),
    ],
    ids=["KILL", "TERM"],
)
def test_a_killed_training_names_its_signal(
    number, words, tmp_path, monkeypatch
):
    code = (
        "import os, sys; print('Epoch 1/6', flush=True); "
        f"os.kill(os.getpid(), {int(number)})"
    )
    popen = subprocess.Popen

    def killed(command, **kwargs):
        return popen([sys.executable, "-c", code], **kwargs)

    monkeypatch.setattr(processes, "FORKS", False)
    monkeypatch.setattr(processes.subprocess, "Popen", killed)
    with processes.RunProcesses() as starter:
        given = (load_config(), tmp_path / "run", starter)
        said = runner.train_in_process(*given)
    assert said.startswith(words)
    assert str(tmp_path / "run.log") in said
    assert (tmp_path / "run.log").read_text() == "Epoch 1/6\n"


def test_runs_whose_names_have_points_do_not_share_files(tmp_path):
    class Starter:
        def run(self, words, log):
            log.write(b"begun\n")
            return 0

    for name in ("x-0.25", "x-0.5"):
        config = load_config(settings=[f"train.learning_rate={name[2:]}"])
        assert runner.train_in_process(config, tmp_path / name, Starter()) == ""
        assert name[2:] in (tmp_path / f"{name}.toml").read_text()
        assert (tmp_path / f"{name}.log").read_text() == "begun\n"
    assert len(list(tmp_path.iterdir())) == 4
