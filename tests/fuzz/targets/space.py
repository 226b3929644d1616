"""A space of hyperparameters."""

import keras_tuner

from facemtl.config import check_whole
from facemtl.tuning.space import load_space

from ..oracle import unless_refused, whole, written

SEEDS = (
    whole("space"),
    b'[[hyperparameters]]\nname = "on"\nchoice = [true, false]\n'
    b'[[hyperparameters]]\nkey = "model.stitch.alpha"\nlow = 0.5\nhigh = 0.9\n'
    b"complement = true\nwhen = { on = [true] }\n",
    b'[[hyperparameters]]\nkey = "model.stitch.places"\n'
    b'subset = ["pool1", "pool2"]\n',
    b'[[hyperparameters]]\nname = "w"\nlow = 1\nhigh = 9\nstep = 2\n'
    b'scales = ["model.width"]\n',
)


def one_input(data: bytes) -> None:
    """The first values of a space make a whole configuration."""
    space = unless_refused(load_space, written(data, "space.toml"))
    if space is None:
        return
    points = keras_tuner.HyperParameters()
    space.declare(points)
    config = unless_refused(space.config, points.values, trial=True)
    if config is not None:
        check_whole(config)
