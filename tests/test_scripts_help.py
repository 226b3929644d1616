"""Scripts say what they do before they do it, and refuse what they know not."""

import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import MagicMock

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted(
    file.relative_to(ROOT).as_posix()
    for folder in (
        *("benchmarks", "presets", "examples", "export", "tuning", "facemtl"),
    )
    for file in (ROOT / folder).rglob("*.py")
    if '__name__ == "__main__"' in file.read_text(encoding="utf-8")
)
# Of the environments that apps make for themselves.
FOREIGN = (
    *("gevent", "locust", "locust.env", "psutil", "pyarrow"),
    *("pyarrow.parquet", "ray", "ray.data", "tensorflow_addons"),
    *("fastapi", "fastapi.exceptions", "uvicorn", "uvicorn.protocols"),
    *("uvicorn.protocols.http", "uvicorn.protocols.http.h11_impl"),
    *("mlserver", "mlserver.batching", "mlserver.batching.adaptive"),
    *("mlserver.cli", "mlserver.cli.serve", "mlserver.codecs"),
    *("mlserver.context", "mlserver.errors", "mlserver.grpc"),
    *("mlserver.grpc.dataplane_pb2_grpc", "mlserver.grpc.interceptors"),
    *("mlserver.grpc.server", "mlserver.grpc.servicers"),
    *("mlserver.grpc.utils", "mlserver.handlers", "mlserver.rest"),
    *("mlserver.rest.responses", "mlserver.types"),
)
INSTALLED = {
    name for name in {x.partition(".")[0] for x in FOREIGN} if find_spec(name)
}
# Of one face, in as few lines as can be: it has six words and no options.
PLAIN = "export/apps/python/face.py"
SHELL = sorted(
    file.relative_to(ROOT).as_posix()
    for file in (ROOT / "export").rglob("*.sh")
    if file.name != "environment.sh"
)


@pytest.fixture
def start(monkeypatch, capsys):
    """Starts a script as Python does; its status, output and errors."""

    before = set(sys.modules)

    def run(script, *words):
        monkeypatch.setattr(sys, "argv", [script, *words])
        with pytest.raises(SystemExit) as end:
            if script.startswith(("benchmarks/", "presets/", "examples/")):
                monkeypatch.syspath_prepend(str((ROOT / script).parent))
                runpy.run_path(str(ROOT / script), run_name="__main__")
            else:
                name = module_of(script)
                monkeypatch.delitem(sys.modules, name, raising=False)
                runpy.run_module(name, run_name="__main__")
        return end.value.code, *capsys.readouterr()

    for name in FOREIGN:
        if name.partition(".")[0] not in INSTALLED:
            monkeypatch.setitem(sys.modules, name, MagicMock())
    yield run
    # Those that have seen what stands for other packages.
    for name in set(sys.modules) - before:
        if name.startswith("facemtl.export.apps."):
            del sys.modules[name]


def module_of(script):
    name = script.removesuffix(".py").replace("/", ".")
    return name if name.startswith("facemtl.") else f"facemtl.{name}"


@pytest.mark.parametrize("script", [x for x in SCRIPTS if x != PLAIN])
def test_help_runs_nothing(start, script):
    status, out, err = start(script, "--help")
    assert (status, err) == (0, "")
    assert out.startswith("usage: ")


@pytest.mark.parametrize("script", [x for x in SCRIPTS if x != PLAIN])
def test_unknown_options_are_refused(start, script):
    status, out, err = start(script, "--no-such-option")
    assert (status, out) == (2, "")
    assert "error: " in err


@pytest.mark.parametrize(
    "script, words",
    [
        ("benchmarks/mtl_steps.py", "--steps 0"),
        ("benchmarks/values.py", "--seeds 0"),
        ("benchmarks/values.py", "--faces 0"),
        ("benchmarks/detectors.py", "--data nowhere --every 0"),
        ("benchmarks/tuners.py", "--out x.json --seeds 0"),
        ("benchmarks/pipeline.py", "--steps 0"),
        ("benchmarks/training.py", "--rounds 0"),
        ("benchmarks/architectures.py", "--rounds 0"),
        ("benchmarks/start.py", "--faces 0"),
        ("benchmarks/short_runs.py", "--rounds 0"),
        ("benchmarks/growth.py", "--rounds 0"),
        ("benchmarks/kills.py", "--out x --kills 0"),
        ("presets/make.py", "base --data nowhere --seeds 0"),
        ("presets/ceiling.py", "--data nowhere --jobs 0"),
        ("presets/held_out.py", "--data nowhere --jobs 0"),
        ("presets/live_units.py", "--data nowhere --jobs 0"),
        ("export/apps/server/check.py", "--requests 0"),
    ],
)
def test_counts_are_checked_before_anything_is_measured(start, script, words):
    """Of nothing, some would have written results of nothing."""
    status, out, err = start(script, *words.split())
    option = words.split()[-2]
    assert (status, out) == (2, "")
    assert err == (
        f"error: Expected {option} as an integer >= 1. Received: 0.\n"
    )


def test_a_face_without_its_words_shows_them(start):
    for words in ([], ["--help"], ["a", "b", "c"]):
        status, out, err = start(PLAIN, *words)
        assert "photo.jpg LEFT TOP RIGHT BOTTOM" in status
        assert (out, err) == ("", "")


@pytest.mark.parametrize("script", SHELL)
def test_shell_scripts_answer_before_they_install(tmp_path, script):
    """With no Python at all; there is none to make an environment with."""
    shutil.copytree(ROOT / "export", tmp_path / "export")
    done = subprocess.run(
        [tmp_path / script, "--help"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHON": "no-such-python"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"  {script} [" in done.stdout or f"  {script} PHOTOS" in done.stdout
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["export/apps/server/run.sh", "--no-such-option"],
        ["export/apps/server/run.sh", "base", "more"],
        ["export/apps/older_tensorflow/check.sh", "--no-such-option"],
        ["tests/browser.sh", "--help"],
        ["tests/backends.sh"],
        ["tests/backends.sh", "jax", "--help"],
        [".ci/run", "--help"],
    ],
    ids=" ".join,
)
def test_shell_scripts_refuse_what_they_know_not(command):
    done = subprocess.run(
        ["bash", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHON": "no-such-python"},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(("error: Expected ", "usage: "))
