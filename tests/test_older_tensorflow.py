"""Exports in TensorFlow 2.15: the committed result, and today's half of it.

The other half needs an environment of its own:
`export/apps/older_tensorflow/check.sh`.
"""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from facemtl.export.apps.older_tensorflow import movements, reference
from facemtl.export.apps.older_tensorflow.ask import QUESTIONS, read_answers
from facemtl.export.apps.older_tensorflow.limits import (
    ANSWERS,
    AUGMENTATION,
    LAYER,
    SIGNATURES,
    VARY,
    faults,
)
from facemtl.geometry.crops import crop, square_windows, to_photo
from facemtl.inference.runtimes import load_network
from facemtl.models import FaceNetwork
from facemtl.tasks import MTFL_TASKS

FOLDER = Path(__file__).parent.parent / "export/apps/older_tensorflow"
RESULT = json.loads((FOLDER / "result.json").read_text("utf-8"))
OLDER_SIDE = ("check", "ask", "answers", "augmentation", "limits")


def test_the_committed_result_is_within_the_limits():
    assert faults(RESULT) == []
    assert RESULT["limits"] == {
        "answers": ANSWERS,
        "augmentation": AUGMENTATION,
    }
    assert RESULT["older"]["tensorflow"].startswith("2.15.")
    assert RESULT["older"]["keras"].startswith("2.")
    assert RESULT["today"]["keras"].startswith("3.")
    assert len(RESULT["networks"]) == 2
    for network in RESULT["networks"].values():
        assert set(network["signatures"]) == {*SIGNATURES, LAYER}
        for measured in network["signatures"].values():
            # Equal answers say nothing where every face gets the same.
            assert measured[VARY] > 5 * ANSWERS["points"]
    assert min(RESULT["augmentation"]["pixels"].values()) > 1000
    assert RESULT["augmentation"]["dots"] > 100


@pytest.mark.parametrize("off", [0.02, float("nan"), None])
def test_what_is_beyond_a_limit_or_missing_is_told(off):
    result = copy.deepcopy(RESULT)
    name, network = next(iter(result["networks"].items()))
    if off is None:
        del network["signatures"]["faces_jpeg"]
        del result["augmentation"]["largest differences"]["dots"]
    else:
        network["signatures"]["faces_jpeg"]["points"] = off
        result["augmentation"]["largest differences"]["dots"] = 2 * off
    one, other = faults(result)
    assert one.startswith(f"{name}, faces_jpeg: ")
    assert other.startswith("augmentation: dots differ by ")
    assert faults({**RESULT, "networks": {}}) == ["Expected a network."]


def test_the_older_side_needs_no_facemtl():
    for name in OLDER_SIDE:
        text = (FOLDER / f"{name}.py").read_text("utf-8")
        assert "import facemtl" not in text
        assert "from facemtl" not in text


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What the writer leaves of a tiny network, about a few faces."""
    folder = tmp_path_factory.mktemp("older")
    network = FaceNetwork(MTFL_TASKS, width=0.1)
    network.save(folder / "tiny.keras")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "CROPS", 4)
        patch.setattr(reference, "PHOTOS", 2)
        patch.setattr(movements, "FACES", 3)
        models = {"tiny": folder / "tiny.keras"}
        reference.write_reference(models, folder / "reference")
    return folder / "reference"


def test_the_reference_is_what_the_network_answers(written):
    folder = written / "tiny"
    network = load_network(folder / "exported/model.keras")
    answers = read_answers(folder / "answers.npz")
    assert set(answers) == set(SIGNATURES)
    with np.load(folder / QUESTIONS) as asked:
        crops, photos, boxes = (asked[k] for k in ("crops", "pixels", "boxes"))
    for task, wanted in network.predict(crops).items():
        for signature in ("serving_default", "serving_uint8"):
            found = answers[signature][task]
            np.testing.assert_allclose(found, wanted, atol=1e-5)
    for i, photo in enumerate(photos):
        windows = square_windows(boxes[i])
        wanted = network.predict(
            np.stack([crop(photo, w, 40) for w in windows])
        )
        wanted["landmarks"] = to_photo(wanted["landmarks"], windows)
        for task, answer in wanted.items():
            for signature in ("faces", "faces_jpeg"):
                found = answers[signature][task][i]
                np.testing.assert_allclose(found, answer, atol=0.01)


def test_the_reference_says_what_it_is(written):
    about = json.loads((written / "about.json").read_text("utf-8"))
    assert about["networks"] == ["tiny"]
    assert about["versions"]["keras"].startswith("3.")
    files = sorted(x.suffix for x in (written / "tiny/photos").iterdir())
    assert files == [".jpg", ".png"]
    with np.load(written / reference.AUGMENTATION) as case:
        size, scale, border = case["geometry"]
        assert case["images"].shape[1] == size * scale + 2 * border
        assert case["warped"].shape == (3, size, size, 3)
        assert case["moved"].shape == case["points"].shape == (3, 5, 2)
