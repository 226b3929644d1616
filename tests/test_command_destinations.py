"""Each command refuses a destination before it loads or trains anything."""

import runpy
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from facemtl import load_config, train
from facemtl.errors import InputError
from facemtl.export.formats import export_network
from facemtl.files.writing import write_whole
from tests.test_destinations import FILES, FOLDERS

ROOT = Path(__file__).parent.parent
# Commands by module; {} is the destination, and what it is.
COMMANDS = {
    "fit --out": ("fit", "--data synthetic --out", FOLDERS),
    "evaluate --json": ("evaluate", "base --data synthetic --json", FILES),
    "compare --out": ("compare", "poster --data synthetic --out", FOLDERS),
    "compare --runs": ("compare", "poster --data synthetic --runs", FOLDERS),
    "compare again": ("compare", "results.json --out", FOLDERS),
    "tune --out": ("tuning.search", "--data synthetic --out", FOLDERS),
    "export --out": ("export.command", "run --out", FOLDERS),
    "export --report": (
        "export.command",
        "--check file --data synthetic --report",
        FOLDERS,
    ),
    "data check --draw": ("data.check.command", "synthetic --draw", FOLDERS),
    "batch --out": ("export.apps.batch.batch", "photos --out", FOLDERS),
    "older TensorFlow --out": (
        "export.apps.older_tensorflow.reference",
        "--out",
        FOLDERS,
    ),
}
SCRIPTS = {
    "benchmarks/channels.py": ("--out", FILES),
    "benchmarks/installed_notebooks.py": ("--out", FILES),
    "benchmarks/kills.py": ("--out", FOLDERS),
    "benchmarks/licences.py": ("--out", FILES),
    "benchmarks/photo_costs.py": ("--out", FILES),
    "benchmarks/detectors.py": ("--data nowhere --out", FILES),
    "benchmarks/former_photos.py": ("--data nowhere --out", FILES),
    "benchmarks/values.py": ("--out", FILES),
    "benchmarks/tuners.py": ("--out", FILES),
    "benchmarks/pipeline.py": ("--json", FILES),
    "benchmarks/training.py": ("--out", FILES),
    "benchmarks/architectures.py": ("--out", FILES),
    "benchmarks/start.py": ("--out", FILES),
    "benchmarks/turned_faces.py": ("--data nowhere --out", FILES),
    "benchmarks/yunet_int8.py": ("--data nowhere --out", FILES),
    "benchmarks/few_passes.py": ("--data nowhere --runs nowhere --out", FILES),
    "benchmarks/growth.py": ("--out", FILES),
    "benchmarks/bench.py": ("--out", FOLDERS),
    "benchmarks/short_runs.py": ("--out", FILES),
    "benchmarks/peers/attributes.py": (
        "--data nowhere --more nowhere --people nowhere --out",
        FILES,
    ),
    "presets/more.py": ("nowhere --out", FILES),
    "presets/fairness.py": ("--more nowhere --people nowhere --out", FILES),
    "presets/more_points.py": ("nowhere --out", FILES),
    "presets/sources.py": (
        "--data nowhere --more nowhere --people nowhere --runs",
        FOLDERS,
    ),
    "presets/make.py": ("base --data nowhere --out", FOLDERS),
    "presets/make_points68.py": (
        "--data nowhere --more nowhere --runs",
        FOLDERS,
    ),
    "presets/held_out.py": ("--data nowhere --runs", FOLDERS),
    "presets/ceiling.py": ("--data nowhere --runs", FOLDERS),
    "presets/turns.py": ("--data nowhere --out", FILES),
    "presets/yunet.py": ("--data nowhere --out", FILES),
    "presets/live_units.py": ("--data nowhere --runs", FOLDERS),
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to be in, with a file and a folder."""
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    (tmp_path / "pipe").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cases(listed):
    """All kinds of destinations, but those that no command line can hold."""
    return [
        pytest.param(name, given, id=f"{name}, {case}")
        for name, (*_, kinds) in listed.items()
        for given, case, _ in kinds
        if "\0" not in given and given not in ("pipe", "socket")
    ]


@pytest.mark.parametrize("name, given", cases(COMMANDS))
def test_commands(place, monkeypatch, name, given):
    module, words, _ = COMMANDS[name]
    command = import_module(f"facemtl.{module}")
    if hasattr(command, "load_tensorflow"):
        monkeypatch.setattr(command, "load_tensorflow", pytest.fail)
    before = sorted(place.rglob("*"))
    with pytest.raises(InputError) as error:
        command.main([*words.split(), given])
    option = words.split()[-1]
    assert str(error.value).startswith(f"Expected {option} as a f")
    assert "\n" not in str(error.value)
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("name, given", cases(SCRIPTS))
def test_scripts(place, monkeypatch, capsys, name, given):
    words, _ = SCRIPTS[name]
    monkeypatch.setattr(sys, "argv", [name, *words.split(), given])
    monkeypatch.syspath_prepend(str((ROOT / name).parent))
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / name), run_name="__main__")
    assert end.value.code == 2
    option = words.split()[-1]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: Expected {option} as a f")


@pytest.mark.parametrize(
    "module, words",
    [
        ("fit", "--data folder --out folder"),
        ("fit", "--set data.source=folder --out folder/."),
        ("evaluate", "base --data file --json ./file"),
        ("evaluate", "file --data synthetic --json file"),
        ("compare", "poster --data folder --out folder"),
        ("compare", "poster --data folder --runs folder"),
        ("tuning.search", "--data folder --out folder"),
        ("export.command", "run --out run"),
        ("export.command", "run/model.keras --out run"),
        ("data.check.command", "folder --draw folder"),
    ],
)
def test_what_is_read_is_not_written(place, monkeypatch, module, words):
    (place / "run/model.keras").write_text("a network")
    command = import_module(f"facemtl.{module}")
    monkeypatch.setattr(command, "load_tensorflow", pytest.fail, raising=False)
    with pytest.raises(InputError, match=r"as two places. Received: \S+ for"):
        command.main(words.split())
    assert (place / "run/model.keras").read_text() == "a network"


def test_drawn_faces_may_go_where_they_are_named_after(place, monkeypatch):
    (place / "synthetic").mkdir()
    fit = import_module("facemtl.fit")
    monkeypatch.setattr(fit, "load_tensorflow", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # So far it came.
        fit.main(["--data", "synthetic", "--out", "synthetic"])


@pytest.mark.parametrize(
    "target, said",
    [
        ("new/", "Expected --to as a .csv file"),
        ("folder.csv", "which is a folder"),
        ("file/x.csv", "but file is no folder"),
        ("/proc/x.csv", "but /proc: "),
        ("~/x.csv", "whose ~ the shell did not expand"),
        ("n" * 255 + ".csv", "more than 255 bytes"),
        ("other/x.csv", "Expected tasks.toml beside --to as a file to write"),
    ],
)
def test_converted_labels(place, target, said):
    (place / "folder.csv").mkdir()
    (place / "other/tasks.toml").mkdir(parents=True)
    convert = import_module("facemtl.data.convert.command")
    with pytest.raises(InputError) as error:
        convert.main(["nowhere.json", "--to", target])
    assert said in str(error.value)


def test_the_functions_check_too(place):
    with pytest.raises(InputError, match="the run folder as a folder to wri"):
        train(load_config("split"), "file/run")
    with pytest.raises(InputError, match="the folder of an export as a fold"):
        export_network("nowhere", "file")


def test_a_reference_replaces_only_its_own_folder(place):
    """It is removed first: `--out .` would have taken everything there."""
    older = import_module("facemtl.export.apps.older_tensorflow.reference")
    with pytest.raises(InputError, match="which holds other files"):
        older.main(["--out", "."])
    assert (place / "file").read_text() == "kept"


def test_a_name_of_255_bytes_is_written_whole(place):
    file = place / "new" / ("n" * 250 + ".json")
    write_whole("1", file)
    write_whole("2", file)
    assert file.read_text() == "2"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    "words",
    [
        "fit --data synthetic --out file",
        "evaluate base --data synthetic --json folder",
        "compare poster --data synthetic --out file",
        "tune --data synthetic --out file/x",
        "export run --out /proc/x",
        "data check synthetic --draw file",
        "data convert x.json --to file/x.csv",
    ],
)
def test_from_the_command_line(place, words):
    done = subprocess.run(
        [sys.executable, "-m", "facemtl", *words.split()],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: Expected --")
