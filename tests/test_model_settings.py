"""Settings of a network that do not fit are told in one line."""

import pytest

from facemtl.errors import InputError
from facemtl.models import FaceNetwork
from facemtl.tasks import LANDMARKS, MTFL_TASKS, SMILE

PLACES = "['pool1', 'pool2', 'pool3', 'fc']"
NAMES = "['landmarks', 'smile', 'gender', 'glasses', 'pose']"
STREAMS = """Such as --set 'model.streams=[["landmarks"], ["smile"]]'."""
WRONG = {
    "architecture": (
        {"architecture": "fork"},
        "Expected model.architecture in ['single', 'split', 'cross_stitch', "
        "'mtan', 'mmoe']. "
        "Received: 'fork'.",
    ),
    "single": (
        {"architecture": "single"},
        f"Expected one task for model.architecture = 'single'. Received: "
        f"{NAMES}. Choose one, such as --set 'model.tasks=[\"landmarks\"]', or "
        "take 'split', which learns all (--model split on the command line).",
    ),
    "split": (
        {"architecture": "split", "tasks": ()},
        "Expected one or more tasks. Received: none.",
    ),
    "one stream": (
        {"architecture": "cross_stitch", "streams": [["landmarks", "smile"]]},
        "Expected model.streams as two or more lists that hold each of "
        f"{NAMES} once. Received: [['landmarks', 'smile']]. Such as --set "
        '\'model.streams=[["landmarks"], ["smile", "gender", "glasses", '
        '"pose"]]\'.',
    ),
    "no attributes": (
        {"architecture": "cross_stitch", "tasks": (LANDMARKS,)},
        "Expected two or more tasks for model.architecture = 'cross_stitch'. "
        "Received: ['landmarks']. Take 'split' or 'single' instead (--model "
        "split on the command line).",
    ),
    "task twice": (
        {
            "architecture": "cross_stitch",
            "tasks": (LANDMARKS, SMILE),
            "streams": [["landmarks"], ["smile", "landmarks"]],
        },
        "Expected model.streams as two or more lists that hold each of "
        "['landmarks', 'smile'] once. "
        "Received: [['landmarks'], ['smile', 'landmarks']]. "
        f"{STREAMS}",
    ),
    "unknown task": (
        {
            "architecture": "cross_stitch",
            "tasks": (LANDMARKS, SMILE),
            "streams": [["landmarks"], ["smyle"]],
        },
        "Expected model.streams as two or more lists that hold each of "
        "['landmarks', 'smile'] once. Received: [['landmarks'], ['smyle']]. "
        f"{STREAMS}",
    ),
    "stage": (
        {"architecture": "cross_stitch", "stitch": {"stages": ["pool9"]}},
        f"Expected model.stitch.stages = 'all' or a list out of {PLACES}. "
        "Received: ['pool9'].",
    ),
    "stage as a word": (
        {"architecture": "cross_stitch", "stitch": {"stages": "pool1"}},
        f"Expected model.stitch.stages = 'all' or a list out of {PLACES}. "
        "Received: 'pool1'.",
    ),
    "layer": (
        {
            "architecture": "cross_stitch",
            "weight_regularization": {"form": "l2", "layers": ["conv7"]},
        },
        "Expected model.weight_regularization.layers = 'all' or a list out "
        "of ['conv1', 'conv2', 'conv3', 'conv4', 'fc']. "
        "Received: ['conv7'].",
    ),
    "form": (
        {
            "architecture": "cross_stitch",
            "weight_regularization": {"form": "l3", "layers": "all"},
        },
        "Expected a form in ('l2', 'exp'). Received: 'l3'.",
    ),
    "experts": (
        {"architecture": "mmoe", "experts": 1},
        "Expected model.experts as an integer >= 2. Received: 1.",
    ),
    "no task": (
        {"architecture": "mtan", "tasks": ()},
        "Expected one or more tasks. Received: none.",
    ),
    "blocks": (
        {"blocks": "vgg"},
        "Expected model.blocks in ['tcdcn', 'sun', 'residual', 'depthwise']. "
        "Received: 'vgg'.",
    ),
    "width": ({"width": 0.0}, "Expected model.width > 0. Received: 0.0."),
    "few channels": (
        {"channels": [8]},
        "Expected model.channels = [] or five integers over 0. Received: [8].",
    ),
    "channels": (
        {"channels": [8, 16, 0, 32, 64]},
        "Expected model.channels = [] or five integers over 0. "
        "Received: [8, 16, 0, 32, 64].",
    ),
    "normalization": (
        {"blocks": "residual", "normalization": False},
        "Expected normalization = true: residual blocks have no other form. "
        "Received: false.",
    ),
    "crop": (
        {"crop": {"size": 4}},
        "Expected a crop size of at least 8. Received: 4.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_settings_that_do_not_fit(name):
    settings, message = WRONG[name]
    settings = {"tasks": MTFL_TASKS, "width": 0.1, **settings}
    with pytest.raises(InputError) as error:
        FaceNetwork(**settings)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "settings",
    [
        {"activation": "no_such"},
        {"activation": "glu"},  # half as many numbers
        {"activation": "threshold"},  # three arguments
        {"crop": {"size": 16}},  # too small for three poolings of tcdcn
        {
            "architecture": "cross_stitch",
            "stitch": {"stages": "all", "alpha": [0.5, 0.3, 0.2]},
        },
    ],
    ids=["activation", "glu", "threshold", "size", "alpha"],
)
def test_settings_that_keras_cannot_build_are_input_errors(settings):
    with pytest.raises(InputError):
        FaceNetwork(MTFL_TASKS, width=0.1, **settings)
