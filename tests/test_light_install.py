"""`pip install facemtl` brings no TensorFlow: what works, and what says so.

`None` in `sys.modules` makes a package look as if it were not installed. Where
it is not, `test_wheel.py` and `test_lite_environment.py` look.
"""

import json
import re
import subprocess
import sys

import cv2
import pytest
from export_case import write_drawn
from test_constraints import setup_words

import facemtl
from facemtl.__main__ import main
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.process.packages import (
    EXPORT,
    PACKAGES,
    TRAIN,
    TUNING,
    MissingPackage,
    import_package,
)

LEFT_OUT = [x for x, (_, source) in PACKAGES.items() if "[" in source]
START = (
    f"import sys\nsys.modules |= dict.fromkeys({LEFT_OUT + ['markupsafe']})\n"
)
COMMAND = f"{START}from facemtl.__main__ import console\nconsole()"
# What predicting needs, of facemtl.__all__.
LIGHT = {
    *("Face", "FaceFollower", "Predictor", "load_network", "list_presets"),
    *("InputError", "CropSpec"),
    *("MTFL_TASKS", "Task", "load_tasks", "load_config", "load_settings"),
    *("BadRows", "Faces", "read_csv", "read_mtfl", "synthetic_faces"),
    *("CachePlan", "crop_faces", "evaluate_faces"),
}


def python(code, *words, **more):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
        **more,
    )


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    faces = synthetic_faces(1, seed=31)
    file = tmp_path_factory.mktemp("photo") / "face.png"
    cv2.imwrite(str(file), faces.images.read(faces.names[0])[..., ::-1])
    return file


def test_predicting_needs_none_of_the_extras(photo, tmp_path):
    boxes = tmp_path / "boxes.csv"
    boxes.write_text(f"file,left,top,right,bottom\n{photo},20,20,100,100\n")
    words = ("predict", photo, "--boxes", boxes, "--json", "-", "--draw", "out")
    done = python(COMMAND, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (face,) = json.loads(done.stdout)[0]["faces"]
    assert "smile" in face["attributes"]
    assert len(face["points"]) == 5
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_checking_and_scoring_need_none_of_them_either(tmp_path):
    write_drawn(tmp_path, 12, 3)
    words = ("evaluate", "tiny", "--data", "faces.csv", "--json", "scores.json")
    done = python(COMMAND, *words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert 0 < scores["landmarks"]["mean_error_box"] < 5
    done = python(COMMAND, "data", "check", "faces.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr) in {(0, ""), (1, "")}
    assert "12 faces" in done.stdout


def test_each_public_name_is_there_or_names_its_extra():
    code = (
        f"{START}import facemtl\n"
        "for name in facemtl.__all__:\n"
        "    try: getattr(facemtl, name)\n"
        "    except ImportError as error: print(name, error, sep='|')\n"
        "    else: print(name)\n"
        "print('shown', *(set(facemtl.__all__) & set(dir(facemtl))))\n"
    )
    done = python(code)
    *lines, shown = done.stdout.splitlines()
    missing = dict(x.split("|") for x in lines if "|" in x)
    there = {x for x in lines if "|" not in x}
    assert there >= LIGHT
    assert set(shown.split()[1:]) == there
    assert {"FaceNetwork", "train", "export_network"} <= missing.keys()
    for name, line in missing.items():
        assert line == needs(f"facemtl.{name}", "TensorFlow", "train")


def needs(user, package, extra):
    return (
        f"{user} needs {package}. "
        f'Install it with: pip install "facemtl[{extra}]"'
    )


# The verb with its arguments, and the extra that it needs.
COMMANDS = {
    "fit": "train",
    "compare variants": "train",
    "tune": "tuning",
    "export base --out folder": "export",
    "export base --out folder --formats tflite": "train",
    "export --check folder": "train",
}


def test_each_command_names_its_extra_before_it_begins(tmp_path):
    code = (
        f"{START}from facemtl.__main__ import main\n"
        "from facemtl.errors import InputError\n"
        f"for words in {list(COMMANDS)}:\n"
        "    try: main(words.split())\n"
        "    except InputError as error: print(error)\n"
    )
    done = python(code, cwd=tmp_path)
    said = done.stdout.splitlines()
    assert len(said) == len(COMMANDS), done.stderr
    for (words, extra), line in zip(COMMANDS.items(), said, strict=True):
        verb = re.match("[a-z]+( check)?(?= |$)", words)[0]
        assert line == needs(f"facemtl {verb}", "TensorFlow", extra)
    assert list(tmp_path.iterdir()) == []


def test_it_is_one_line_and_the_status_of_a_wrong_input(tmp_path):
    done = python(COMMAND, "predict", "a.jpg", "--model", "runs/mine.keras")
    assert (done.stdout, done.returncode) == ("", 2)
    said = needs("runs/mine.keras", "TensorFlow", "train")
    assert done.stderr == f"error: {said}\n"


@pytest.mark.parametrize("words", ["", "fit", "compare", "tune", "data check"])
def test_help_needs_none_of_them(words):
    done = python(COMMAND, *words.split(), "--help")
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.startswith(f"usage: facemtl {words or 'VERB'}")


def test_extras_bring_what_the_messages_say():
    extras = setup_words()["extras_require"]
    brought = {
        name: {x.split(">")[0].replace("-", "_") for x in packages}
        for name, packages in extras.items()
    }
    others = {"scikit_learn": "sklearn"}
    for extra, source in (("train", TRAIN), ("tuning", TUNING)):
        assert source == f"facemtl[{extra}]"
    for module, (_, source) in PACKAGES.items():
        if source in (TRAIN, TUNING, EXPORT):
            extra = source.removeprefix("facemtl[").rstrip("]")
            names = {others.get(x, x) for x in brought[extra]}
            assert module in names, module
    for name in ("tuning", "export", "all", "dev"):
        assert brought[name] >= brought["train"], name
    assert brought["dev"] >= brought["all"] >= brought["tuning"]
    assert brought["all"] >= brought["export"]


@pytest.mark.parametrize(
    ("module", "words", "package", "extra"),
    [
        ("matplotlib", "fit", "Matplotlib", "train"),
        ("jinja2", "compare results.json", "Jinja2", "train"),
        ("keras_tuner", "tune", "KerasTuner", "tuning"),
        ("scipy", "tune", "SciPy", "tuning"),
        ("tf2onnx", "export base --out new", "the package tf2onnx", "export"),
        ("onnxruntime", "export --check .", "ONNX Runtime", "export"),
    ],
)
def test_one_package_that_lacks_is_named(
    module, words, package, extra, monkeypatch, tmp_path
):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.onnx").touch()
    with pytest.raises(MissingPackage) as error:
        main(words.split())
    verb = words.split()[0]
    assert str(error.value) == needs(f"facemtl {verb}", package, extra)
    assert [x.name for x in tmp_path.iterdir()] == ["model.onnx"]


def test_an_export_in_python_begins_with_the_same(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingPackage) as error:
        facemtl.export_network("runs/none", tmp_path / "new")
    said = needs("The format onnx", "the package onnx", "export")
    assert str(error.value) == said


def test_a_package_that_cannot_be_imported_says_why(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("import no_such_module")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError) as error:
        import_package("broken_package", "model.abc", "broken")
    assert str(error.value) == (
        "model.abc needs the package broken_package, which cannot be imported: "
        "No module named 'no_such_module'. Install it with: pip install broken"
    )
