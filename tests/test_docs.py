"""What the README and the pages show: code runs, commands and names exist."""

import importlib
import re
import shlex
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import facemtl
import facemtl.mtl
from facemtl.__main__ import VERBS
from facemtl.config import default_config, load_config
from facemtl.studies.study import load_study

ROOT = Path(__file__).parent.parent
OWN = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Pages of the site that lie beside the code.
BESIDE = [
    *(ROOT / folder / "README.md" for folder in ("data", "export", "tuning")),
    *(ROOT / folder / "README.md" for folder in ("presets", "results")),
    *sorted((ROOT / "export/apps").glob("*/README.md")),
    ROOT / "CONTRIBUTING.md",
]
PAGES = [*OWN, *BESIDE]
FENCE = re.compile(
    r"(?P<before>[^\n]*)\n *```(?P<language>\w*)\n(?P<code>.*?) *```\n", re.S
)
PARSERS = {
    "fit": "facemtl.fit",
    "evaluate": "facemtl.evaluate",
    "compare": "facemtl.compare",
    "tune": "facemtl.tuning.search",
    "predict": "facemtl.predict.parser",
    "demo": "facemtl.demo.command",
    "export": "facemtl.export.command",
    "data check": "facemtl.data.check.command",
    "data convert": "facemtl.data.convert.command",
}


def blocks(page, *languages):
    """The blocks of code in these languages, but those that say they do not
    run, and why: `<!-- not run: … -->` on the line before.
    """
    found = FENCE.finditer(page.read_text("utf-8"))
    return [
        block["code"]
        for block in found
        if block["language"] in languages
        and not re.search("<!-- not run: .+ -->", block["before"])
    ]


def python_blocks():
    for page in OWN:
        for i, code in enumerate(blocks(page, "python")):
            if page.name != "any_model.md":  # Of test_any_model.py.
                name = page.relative_to(ROOT).with_suffix("").as_posix()
                yield pytest.param(code, id=f"{name}-{i}")


@pytest.mark.slow
@pytest.mark.parametrize("code", [*python_blocks()])
def test_python_code_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "page", "exec"), {})


OF_OURS = re.compile(r"^ *(?:[A-Z_]+=\S+ )*((?:facemtl|make|python) .*)", re.M)


def commands(page):
    """The commands of a page's shell blocks, as lists of words."""
    for code in blocks(page, "sh", ""):
        for line in OF_OURS.findall(code.replace("\\\n", " ")):
            words = shlex.split(line, comments=True)
            ends = [i for i, word in enumerate(words) if word[:1] in "<>|&"]
            yield words[: ends[0]] if ends else words


@pytest.mark.parametrize("page", PAGES, ids=lambda x: str(x.relative_to(ROOT)))
def test_commands_are_understood(page):
    goals = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M)
    for words in commands(page):
        if words[:1] == ["facemtl"]:
            check_command(words[1:])
        elif words[:1] == ["make"]:
            assert {x for x in words[1:] if "=" not in x} <= set(goals)
        elif words[:2] == ["python", "-m"]:
            if words[2].startswith("facemtl"):
                assert find_spec(words[2]), words
        elif words[:1] == ["python"] and words[1].endswith(".py"):
            places = (ROOT, page.parent)
            assert any((x / words[1]).is_file() for x in places), words


def check_command(words):
    """Parse a command as facemtl does, and its settings."""
    length = 2 if words[0] == "data" else 1
    assert words[0] in VERBS
    module = importlib.import_module(PARSERS[" ".join(words[:length])])
    args = module.parser().parse_args(words[length:])
    if words[0] == "fit":
        load_config(args.model or "", settings=args.settings)


def test_settings_exist():
    config = default_config()
    sections = "|".join(config)
    for page in PAGES:
        text = page.read_text("utf-8")
        for name in re.findall(
            rf"`((?:{sections})\.(?!keras|onnx)[a-z_.]+)(?:`|=| =)", text
        ):
            place = config
            for part in name.split("."):
                assert part in place, f"{page}: {name}"
                place = place[part]


def test_tables_of_settings_are_read(tmp_path):
    for page in PAGES:
        for code in blocks(page, "toml"):
            tomllib.loads(code)
    (code,) = blocks(ROOT / "docs/compare.md", "toml")
    (tmp_path / "blocks.toml").write_text(code)
    study = load_study(tmp_path / "blocks.toml")
    widths = [variant.config["model"]["width"] for variant in study.variants]
    assert widths == [1.0, 0.25, 0.5]


def test_the_api_has_every_public_name_once():
    text = "".join(
        page.read_text("utf-8") for page in (ROOT / "docs/api").glob("*.md")
    )
    shown = re.findall(r"^::: ([\w.]+)$", text, re.M)
    names = [f"facemtl.{x}" for x in facemtl.__all__ if x != "__version__"]
    names += [f"facemtl.mtl.{x}" for x in facemtl.mtl.__all__]
    assert sorted(shown) == sorted(names)


def test_the_readme_is_one_screen():
    text = (ROOT / "README.md").read_text("utf-8")
    words = re.sub(r"\|( --- \|)+", "", text).replace("|", " ").split()
    assert len(words) <= 500


def test_each_help_names_a_page_that_exists():
    for name, module in PARSERS.items():
        text = importlib.import_module(module).parser().format_help()
        (file,) = re.findall(r"/blob/main/(\S+\.md)", text)
        assert (ROOT / file).is_file(), name
