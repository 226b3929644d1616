"""Settings: where they come from, which wins, what is refused."""

from typing import get_args, get_origin

import pytest

from facemtl.config import (
    default_config,
    load_config,
    preset_names,
    read_toml,
    update,
    write_config,
)
from facemtl.dotted_names import differences, flat, parse_setting
from facemtl.errors import InputError
from facemtl.presets import pretrained_names
from facemtl.settings import TYPES, settings_of


def test_defaults_are_new_each_time():
    first = default_config()
    first["train"]["epochs"] = -1
    first["model"]["stitch"]["alpha"].append(3)
    second = default_config()
    assert second["train"]["epochs"] > 0
    assert second["model"]["stitch"]["alpha"] == [0.9, 0.1]


def test_the_declared_settings_are_those_of_the_toml():
    config = default_config()
    assert settings_of(config).to_config() == config
    free = {f"data.{x}" for x in ("more", "labelled", "repeat")}
    free |= {"weighting.lambdas"}
    defaults = flat(config)
    assert set(TYPES) == set(defaults) | free
    for name, default in defaults.items():
        kinds = get_args(TYPES[name]) if "|" in str(TYPES[name]) else ()
        kinds = [get_origin(x) or x for x in kinds or (TYPES[name],)]
        assert type(default) in kinds, name


def test_later_settings_win(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(
        '[model]\narchitecture = "single"\nwidth = 2\n'
        "[train]\nepochs = 3\nseed = 4\n"
    )
    config = load_config("cross_stitch_regularized", file, ["train.epochs=5"])
    default = default_config()
    assert config["train"]["epochs"] == 5  # --set before the file
    assert config["train"]["seed"] == 4  # the file before the defaults
    assert config["model"]["architecture"] == "single"  # before the preset
    assert config["model"]["weight_regularization"]["form"] == "l2"  # preset
    assert config["model"]["stitch"] == default["model"]["stitch"]
    assert config["augment"] == default["augment"]
    settings = ["train.epochs=7", "train.epochs=8"]
    assert load_config(settings=settings)["train"]["epochs"] == 8


def test_an_integer_becomes_a_float_where_one_is_meant():
    width = load_config(settings=["model.width=2"])["model"]["width"]
    assert (width, type(width)) == (2.0, float)


@pytest.mark.parametrize(
    ("setting", "parsed"),
    [
        ("train.epochs=5", {"train": {"epochs": 5}}),
        (" train.epochs = 5", {"train": {"epochs": 5}}),
        ("train.learning_rate=2e-3", {"train": {"learning_rate": 0.002}}),
        ("augment.mirror=false", {"augment": {"mirror": False}}),
        ("data.color=rgb", {"data": {"color": "rgb"}}),
        ('data.color="rgb"', {"data": {"color": "rgb"}}),
        (
            "data.source=my faces/a=b.csv",
            {"data": {"source": "my faces/a=b.csv"}},
        ),
        ("data.source=", {"data": {"source": ""}}),
        ('model.tasks=["smile"]', {"model": {"tasks": ["smile"]}}),
        (
            "weighting.lambdas={smile = 0.5}",
            {"weighting": {"lambdas": {"smile": 0.5}}},
        ),
        (
            "weighting.lambdas.smile=0.5",
            {"weighting": {"lambdas": {"smile": 0.5}}},
        ),
    ],
)
def test_parse_setting(setting, parsed):
    assert parse_setting(setting) == parsed
    load_config(settings=[setting])


@pytest.mark.parametrize("setting", ["train.epochs", "=5", " = 5", ""])
def test_a_setting_needs_a_key_and_a_value(setting):
    with pytest.raises(InputError) as error:
        parse_setting(setting)
    assert str(error.value) == (
        f"Expected --set key=value. Received: {setting!r}."
    )


def test_single_lambdas_add_up():
    settings = ["weighting.lambdas.smile=0.5", "weighting.lambdas.pose=0.25"]
    found = load_config(settings=settings)["weighting"]["lambdas"]
    assert found == {"smile": 0.5, "pose": 0.25}


@pytest.mark.parametrize(
    "key", ["weighting.lambdas", "data.labelled", "data.repeat"]
)
def test_an_empty_table_clears(key, tmp_path):
    section, name = key.split(".")
    file = tmp_path / "own.toml"
    for text in (f"[{section}]\n{name} = {{}}", f"[{key}]"):
        file.write_text(text)
        words = [f"{key}.smile=1", f"{key}={{}}", f"{key}.pose=2"]
        assert load_config(settings=words)[section][name] == {"pose": 2}
        base = load_config("base", file)[section][name]
        assert base == {}
    more = load_config("base", settings=["weighting.lambdas.smile=3"])
    assert more["weighting"]["lambdas"] == {
        **dict.fromkeys(("gender", "glasses", "pose"), 2.0),
        "smile": 3,
    }


@pytest.mark.parametrize("value", ["many", "true", "{ x = 1 }", "[1]"])
def test_tables_by_task_hold_numbers(value):
    with pytest.raises(InputError) as error:
        load_config(settings=[f"weighting.lambdas.smile={value}"])
    assert str(error.value).startswith(
        "--set: 'weighting.lambdas.smile': expected a number. Received: "
    )


def test_all_or_a_list_of_places():
    for value in ('["fc"]', "all", "[]"):
        load_config(settings=[f"model.stitch.stages={value}"])
        load_config(settings=[f"model.weight_regularization.layers={value}"])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "train.epoch=5",
            "--set: unknown setting 'train.epoch'. Expected one of "
            f"{sorted(default_config()['train'])}.",
        ),
        (
            "training=5",
            "--set: unknown setting 'training'. Expected one of "
            f"{sorted(default_config())}.",
        ),
        (
            "model.stitch.stage=5",
            "--set: unknown setting 'model.stitch.stage'. Expected one of "
            "['alpha', 'per_channel', 'stages', 'unit'].",
        ),
    ],
)
def test_unknown_settings(setting, message):
    with pytest.raises(InputError) as error:
        load_config(settings=[setting])
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("key", "text", "kind", "received"),
    [
        ("train.epochs", "5.5", "int", "5.5"),
        ("train.epochs", "true", "int", "True"),
        ("train.epochs", "many", "int", "'many'"),
        ("augment.mirror", "1", "bool", "1"),
        ("augment.shift", "true", "float", "True"),
        ("data.color", "3", "str", "3"),
        ("model.tasks", "smile", "list", "'smile'"),
    ],
)
def test_values_of_another_type(key, text, kind, received):
    section, name = key.split(".")
    default = default_config()[section][name]
    with pytest.raises(InputError) as error:
        load_config(settings=[f"{key}={text}"])
    assert str(error.value) == (
        f"--set: '{key}': expected a {kind} such as {default!r}. "
        f"Received: {received}."
    )


def test_a_section_is_not_a_value():
    for setting in ("train=5", "model.stitch=all"):
        with pytest.raises(InputError, match=r"^--set: '.*': expected a dict"):
            load_config(settings=[setting])


def test_a_file_is_named_in_its_messages(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text("[train]\nepocs = 3\n")
    with pytest.raises(InputError) as error:
        load_config(file=file)
    assert str(error.value).startswith(f"{file}: unknown setting 'train.epocs'")
    file.write_text("[train\n")
    with pytest.raises(InputError, match=r"own\.toml: expected a TOML file: "):
        load_config(file=file)
    file.write_bytes(b'[data]\nsource = "\xe4"\n')
    with pytest.raises(InputError, match=r"own\.toml: expected a TOML file: "):
        load_config(file=file)
    missing = tmp_path / "missing.toml"
    with pytest.raises(InputError, match=r"missing\.toml: expected a TOML"):
        load_config(file=missing)


def test_unknown_preset():
    with pytest.raises(InputError) as error:
        load_config("splitt")
    assert str(error.value) == (
        f"Expected a model in {preset_names()}. Received: 'splitt'."
    )
    assert "default" not in preset_names()


def test_a_written_configuration_reads_back(tmp_path):
    settings = [
        "weighting.lambdas={smile = 0.5}",
        'model.streams=[["landmarks"], ["smile", "pose"]]',
        "model.stitch.stages=[]",
        'data.source=my "own" faces\\new.csv',
        "train.learning_rate=1e-5",
        "model.width=1",
    ]
    config = load_config("cross_stitch_regularized", settings=settings)
    assert config["data"]["source"] == 'my "own" faces\\new.csv'
    file = tmp_path / "config.toml"
    write_config(config, file)
    assert load_config(file=file) == config
    assert read_toml(file) == config
    assert differences(config, load_config(file=file)) == []


def test_differences_are_named():
    one, other = default_config(), default_config()
    update(other, {"train": {"epochs": 3}, "model": {"width": 2}}, "")
    update(other, {"model": {"stitch": {"stages": ["fc"]}}}, "")
    update(other, {"weighting": {"lambdas": {"smile": 0.5}}}, "")
    assert set(differences(one, other)) == {
        "train.epochs",
        "model.width",
        "model.stitch.stages",
        "weighting.lambdas",
    }
    assert set(differences(other, one)) == set(differences(one, other))


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_builds_a_network(name):
    from facemtl.tasks import MTFL_TASKS
    from facemtl.training.preparation import build_network

    config = load_config(name, settings=["model.width=0.1"])
    architecture = config["model"]["architecture"]
    assert not config["model"]["tasks"]  # what the data have
    tasks = MTFL_TASKS[:1] if architecture == "single" else MTFL_TASKS
    network = build_network(settings_of(config), tasks)
    assert network.get_config()["architecture"] == architecture
    assert name.startswith(architecture) or name in pretrained_names()
    assert set(network.output) == {task.name for task in tasks}
    regularized = [w for w in network.weights if w.name == "lambda_w"]
    assert len(regularized) == (5 if name.endswith("regularized") else 0)
