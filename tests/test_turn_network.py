"""The network that tells in which quarter turn a face lies in a window."""

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.turn_network import (
    BATCHES,
    CHECKSUM,
    FILE,
    NONE,
    SIZE,
    TurnNetwork,
)
from facemtl.detection.yunet import network
from facemtl.errors import InputError


@pytest.fixture(scope="module")
def turns():
    return TurnNetwork()


@pytest.fixture
def labelled(monkeypatch):
    """Windows as `presets/turns.py` labels them."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "presets")
    from turn_windows import windows

    return lambda faces: windows(faces, seed=1, rounds=1)


def noise(count):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, SIZE, SIZE, 3), np.uint8)


@pytest.mark.parametrize("count", [0, 1, 5, BATCHES[-1], BATCHES[-1] + 3])
def test_many_tiles_are_told_as_each_alone(turns, count):
    tiles = noise(count)
    told = turns(tiles)
    assert told.probabilities.shape == (count, NONE + 1)
    assert told.places.shape == (count, 3)
    np.testing.assert_allclose(told.probabilities.sum(axis=1), 1, rtol=1e-5)
    for i in range(0, count, 40):
        alone = turns(tiles[i : i + 1])
        np.testing.assert_allclose(
            told.probabilities[i], alone.probabilities[0], atol=1e-5
        )
        np.testing.assert_allclose(told.places[i], alone.places[0], atol=1e-5)


def test_earlier_tiles_are_forgotten(turns):
    first = turns(noise(3)).probabilities
    turns(np.zeros((4, SIZE, SIZE, 3), np.uint8))
    np.testing.assert_array_equal(turns(noise(3)).probabilities, first)


def test_windows_are_labelled_with_the_turn_of_their_face(labelled):
    given = labelled(synthetic_faces(12, seed=0, size=160))
    assert set(given.turns) > {0, NONE}
    assert (given.places[given.turns == NONE] == 0).all()
    assert np.abs(given.places[:, :2]).max() <= 0.4
    assert np.abs(given.places[:, 2]).max() <= np.log2(2.5) + 1e-9


@pytest.mark.parametrize("turn", [1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_training_turns_labels_with_the_pixels(labelled, turn, mirrored):
    """A light corner stays where the label says the face is."""
    from turn_windows import Windows
    from turns import turned

    tiles = np.zeros((1, 8, 8, 3), np.uint8)
    tiles[0, 1, 6] = 255
    places = np.array([[2.5, -2.5, 0.3]]) / 8
    given = Windows(tiles, np.array([3]), places)
    after = turned(given, turn, mirrored)
    y, x = np.argwhere(after.tiles[0, ..., 0])[0]
    np.testing.assert_allclose(
        after.places[0], [(x - 3.5) / 8, (y - 3.5) / 8, 0.3 / 8]
    )
    wanted = (3 - turn) % 4
    assert after.turns[0] == (-wanted % 4 if mirrored else wanted)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs")
@pytest.mark.filterwarnings(r"ignore:\s+Warning. tf.lite.Interpreter is dep")
def test_the_converted_network_tells_what_the_trained_one_does(
    labelled, monkeypatch
):
    import turns

    monkeypatch.setattr(turns, "EPOCHS", 2)
    monkeypatch.setattr(turns, "BATCH", 8)
    given = labelled(synthetic_faces(12, seed=0, size=160))
    model = turns.trained(given)
    tiles = given.tiles[:3].astype(np.float32)
    interpreter = Interpreter(model_content=turns.converted(model, given.tiles))
    (entry,) = interpreter.get_input_details()
    interpreter.resize_tensor_input(entry["index"], tiles.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(entry["index"], tiles)
    interpreter.invoke()
    (out,) = interpreter.get_output_details()
    told = interpreter.get_tensor(out["index"])
    wanted = model.predict(tiles, verbose=0)
    assert np.ptp(wanted, axis=0).max() > 0.1
    # int8 has steps.
    np.testing.assert_allclose(told, wanted, atol=0.05 * np.ptp(wanted))


@pytest.mark.slow
@pytest.mark.mtfl
def test_most_windows_of_validation_faces_are_told(turns, labelled, mtfl_root):
    faces = load_split(str(mtfl_root), "val", (), BadRows())
    given = labelled(faces.select(range(0, len(faces), 5)))
    best = turns(given.tiles).probabilities.argmax(axis=1)
    for kind in range(NONE + 1):
        those = given.turns == kind
        assert those.sum() > 30
        # `presets/turns.py` prints 89 to 91 %; most errors are "no face".
        assert (best[those] == kind).mean() > 0.83, kind
        other = (best[those] != kind) & (best[those] != NONE)
        assert other.mean() < 0.1, kind


def test_the_network_has_its_licence_beside_it():
    licence = FILE.with_suffix(".LICENSE").read_text(encoding="utf-8")
    assert "MTFL" in licence
    assert "research" in licence


def test_a_missing_or_damaged_network_is_told(tmp_path):
    assert len(network(FILE, CHECKSUM)) < 300_000
    file = tmp_path / "turns.tflite"
    with pytest.raises(InputError, match=r"turns.tflite: expected .* No such"):
        network(file, CHECKSUM)
    file.write_bytes(FILE.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"Received: [0-9,]* bytes of another"):
        network(file, CHECKSUM)
