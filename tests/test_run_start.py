"""A new run never writes over a trained network."""

import pytest

from facemtl.config import load_config, write_config
from facemtl.errors import InputError
from facemtl.training.run_start import open_run

CONFIG = load_config("split")


def folder_with(tmp_path, *names):
    for name in names:
        (tmp_path / name).write_bytes(b"as it was")
    return tmp_path


def assert_untouched(folder, *names):
    assert {path.name for path in folder.iterdir()} == set(names)
    for path in folder.iterdir():
        assert path.read_bytes() == b"as it was"


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize(
    "names",
    [
        ("model.keras",),
        ("model.keras", "facemtl.json", "model.onnx"),  # an export
        ("model.keras", "history.csv", "report.json"),  # of a run
    ],
    ids=["network", "export", "run"],
)
def test_a_network_without_its_state_is_kept(names, resume, tmp_path):
    folder = folder_with(tmp_path, *names)
    with pytest.raises(InputError, match=r"model\.keras is a trained network"):
        open_run(folder, CONFIG, resume)
    assert_untouched(folder, *names)


def test_a_run_that_was_cut_off_in_its_first_epoch_is_resumed(tmp_path):
    folder = folder_with(tmp_path, "model.keras")
    write_config(CONFIG, folder / "config.toml")
    with pytest.raises(InputError, match="Give another folder"):
        open_run(folder, CONFIG, False)
    other = load_config("split", settings=["train.seed=1"])
    with pytest.raises(InputError, match="Give another folder"):
        open_run(folder, other, True)
    assert open_run(folder, CONFIG, True) is None
    (folder / "history.csv").touch()
    with pytest.raises(InputError, match="Give another folder"):
        open_run(folder, CONFIG, True)


def test_a_run_without_a_network_starts_again(tmp_path):
    assert open_run(folder_with(tmp_path, "notes.txt"), CONFIG, False) is None
    other = load_config("split", settings=["train.seed=1"])
    assert open_run(tmp_path, other, False) is None
    assert load_config(file=tmp_path / "config.toml") == other
