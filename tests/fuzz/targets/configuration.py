"""A TOML of settings, and the settings of `--set`."""

from facemtl.config import check_whole, load_config, write_config

from ..oracle import folder, unless_refused, whole, written

SEEDS = (
    whole("configuration"),
    b"--set train.epochs=5\n--set data.margin=0.1",
    b'--set model.streams=[["landmarks"], ["smile"]]',
    b"--set augment.mirror=true",
)
SET = b"--set "


def one_input(data: bytes) -> None:
    """A configuration has all settings, and is read as it was written."""
    if data.startswith(SET):
        text = data.decode("utf-8", "replace").removeprefix(SET.decode())
        settings = text.split(f"\n{SET.decode()}")
        config = unless_refused(load_config, settings=settings)
    else:
        config = unless_refused(load_config, file=written(data, "config.toml"))
    if config is None:
        return
    check_whole(config)
    again = folder() / "again.toml"
    write_config(config, again)
    assert load_config(file=again) == config
