"""Deviations of points: layers, networks, and their fit to errors."""

from dataclasses import replace

import numpy as np
import pytest
from layer_case import check_layer
from scipy import stats

from facemtl.errors import InputError
from facemtl.evaluation.calibration import (
    MEDIAN,
    calibration_error,
    rank_auc,
    rank_correlation,
    reliability,
    score_sigma,
)
from facemtl.inference.runtimes import load_network
from facemtl.inference.second_pass import run_second_pass
from facemtl.layers import HeatmapSpread, PointSigma, SoftArgmax
from facemtl.models import FaceNetwork, load_model
from facemtl.models.transfer import load_start
from facemtl.pipeline.perturbed import perturbed
from facemtl.tasks import LANDMARKS, SMILE, Task
from facemtl.training.calibration import fit_sigma

RNG = np.random.default_rng(0)
MAPS = RNG.normal(0, 3, (2, 6, 4, 3)).astype("f4")
FIT = {"offset": [0.1, 0.2, 0.3, 0.4, 0.5], "own": 1.3, "face": 0.2}
WHOLE = FIT | {"limit": -1.0, "slope": 2.0}
CROPS = RNG.integers(0, 256, (3, 40, 40, 1), "u1")


def network(**settings):
    made = FaceNetwork(
        (LANDMARKS, SMILE),
        width=0.2,
        landmarks="heatmap",
        sigma={"landmarks": WHOLE},
        **settings,
    )
    # Untrained maps are flat, and then all deviations equal.
    maps = made.get_layer("landmarks_heatmaps")
    kernel = np.random.default_rng(1).normal(0, 3, maps.kernel.shape)
    maps.kernel.assign(kernel)
    return made


def spreads_of(maps):
    """By NumPy, cell by cell."""
    _, height, width, _ = maps.shape
    share = np.exp(maps.astype("f8"))
    share /= share.sum((1, 2), keepdims=True)
    x = ((np.arange(width) + 0.5) / width)[:, None]
    y = ((np.arange(height) + 0.5) / height)[:, None, None]
    mean_x = (share * x).sum((1, 2), keepdims=True)
    mean_y = (share * y).sum((1, 2), keepdims=True)
    square = (x - mean_x) ** 2 + (y - mean_y) ** 2
    return np.sqrt((share * square).sum((1, 2)) / 2)


def test_the_spread_of_a_map_is_its_standard_deviation():
    spread = HeatmapSpread()([MAPS, SoftArgmax()(MAPS)])
    np.testing.assert_allclose(spread, spreads_of(MAPS), rtol=1e-4)


def test_a_single_cell_has_the_least_spread():
    peak = np.full((1, 5, 5, 1), -80.0, "f4")
    peak[0, 2, 4] = 80
    spread = HeatmapSpread()([peak, SoftArgmax()(peak)])
    assert float(spread[0, 0]) == pytest.approx(1e-4)


def test_deviations_follow_their_formula():
    spread = RNG.uniform(0.01, 0.2, (4, 5)).astype("f4")
    log = np.log(spread)
    expected = np.exp(
        FIT["offset"] + 1.3 * log + 0.2 * log.mean(1, keepdims=True)
    )
    np.testing.assert_allclose(PointSigma(**FIT)(spread), expected, rtol=1e-5)


def test_they_are_layers_like_any_other(tmp_path):
    check_layer(HeatmapSpread, [MAPS, RNG.random((2, 3, 2), "f4")], tmp_path)
    spread = RNG.uniform(0.01, 0.2, (4, 5)).astype("f4")
    check_layer(lambda: PointSigma(**FIT), spread, tmp_path)


@pytest.mark.parametrize("architecture", ["split", "cross_stitch"])
def test_a_network_keeps_its_deviations_in_a_file(architecture, tmp_path):
    made = network(architecture=architecture)
    found = made.predict(CROPS, verbose=0)
    assert found["landmarks_sigma"].shape == (3, 5)
    made.save(tmp_path / "model.keras")
    read = load_model(tmp_path / "model.keras")
    assert read.sigma == made.sigma
    again = read.predict(CROPS, verbose=0)
    for name, y in found.items():
        np.testing.assert_array_equal(y, again[name])
    assert made.predict(CROPS[:0])["landmarks_sigma"].shape == (0, 5)


def test_the_mirrored_mean_is_that_of_the_same_point():
    plain = network()
    both = plain.with_settings(mirrored=True)
    one = WHOLE | {"offset": [0.0] * 5, "own": 1.0, "face": 0.0}
    plain, both = (
        x.with_settings(sigma={"landmarks": one}) for x in (plain, both)
    )
    here = plain.predict(CROPS, verbose=0)["landmarks_sigma"]
    there = plain.predict(CROPS[:, :, ::-1], verbose=0)["landmarks_sigma"]
    mean = (here + there[:, list(LANDMARKS.mirror)]) / 2
    found = both.predict(CROPS, verbose=0)["landmarks_sigma"]
    np.testing.assert_allclose(found, mean, rtol=1e-4)


def test_a_network_to_start_from_has_none(tmp_path):
    network(mirrored=True).save(tmp_path / "model.keras")
    start = load_start(tmp_path / "model.keras")
    assert start.sigma == {}
    assert not start.get_config()["mirrored"]


@pytest.mark.parametrize(
    ("sigma", "landmarks", "said"),
    [
        ({"landmarks": WHOLE}, "dense", "'heatmap' only"),
        ({"smile": WHOLE}, "heatmap", "'smile'"),
        ({"landmarks": WHOLE | {"offset": [0.1]}}, "heatmap", "5 numbers"),
        ({"landmarks": WHOLE | {"own": "1"}}, "heatmap", "own, face"),
        ({"landmarks": {"own": 1.0}}, "heatmap", "own, face"),
        ([FIT], "heatmap", "as a dictionary"),
    ],
)
def test_wrong_fits_are_refused(sigma, landmarks, said):
    with pytest.raises(InputError, match=said):
        FaceNetwork((LANDMARKS, SMILE), landmarks=landmarks, sigma=sigma)


@pytest.mark.parametrize("name", ["landmarks_sigma", "landmarks_spread"])
def test_a_task_cannot_have_the_name_of_the_deviations(name):
    with pytest.raises(InputError, match=f"'{name}'"):
        FaceNetwork((LANDMARKS, Task(name, "value")))


def test_the_second_pass_converts_every_task_to_the_first_window():
    """The window of the second pass is larger: so are pixels in it."""
    more = replace(LANDMARKS, name="more")
    face = np.array(
        [[[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.75], [0.65, 0.75]]], "f4"
    )
    small = 0.5 + 0.5 * (face - 0.5)  # half as large as faces are
    sigma = np.full((1, 5), 0.1, "f4")
    first = {"landmarks": small, "more": small, "landmarks_sigma": sigma}
    second = {"landmarks": face, "more": face, "landmarks_sigma": sigma}
    windows = np.array([[0.0, 0.0, 100.0]])
    asked, boxes = [], load_network("tiny").box_convention

    def predict(index, where, degrees):
        asked.append((where, degrees))
        return second

    found = run_second_pass(
        first, (LANDMARKS, more), boxes, 0.0, windows, predict
    )
    scale = asked[0][0][0, 2] / 100  # of the windows' sides
    np.testing.assert_allclose(found["landmarks_sigma"], scale * sigma, 1e-5)
    np.testing.assert_array_equal(found["more"], found["landmarks"])
    assert np.abs(found["more"] - face).max() > 0.05


def test_the_fit_finds_what_the_errors_were_made_with():
    spreads = RNG.uniform(0.01, 0.1, (4000, 3))
    whole = np.exp(np.log(spreads).mean(1, keepdims=True))
    sigma = [0.3, 0.6, 0.9] * spreads**1.4 * whole**-0.3
    xy = sigma[..., None] * RNG.normal(size=(4000, 3, 2))
    distances = np.linalg.norm(xy, axis=-1)
    distances[::3, 1] = np.nan  # not labelled
    fit = fit_sigma(distances, spreads)
    np.testing.assert_allclose(np.exp(fit.offset), [0.3, 0.6, 0.9], rtol=0.2)
    assert fit.own == pytest.approx(1.4, abs=0.06)
    assert fit.face == pytest.approx(-0.3, abs=0.06)
    found = np.asarray(
        PointSigma(fit.offset, fit.own, fit.face)(spreads.astype("f4"))
    )
    scores = score_sigma(distances, found, np.ones(4000))
    assert scores["sigma_within_median"] == pytest.approx(50, abs=1.5)


def test_scores_of_deviations():
    far = np.array([[1.0, 2.0, np.nan], [3.0, 9.0, 4.0]])
    sigma = np.array([[1.0, 2.0, 7.0], [2.0, 3.0, 5.0]])
    scores = score_sigma(far, sigma, np.array([1.0, 100.0]))
    # Ranks 1 2 3 5 4 of the errors; 1, 2½, 2½, 4, 5 of the deviations.
    assert scores["sigma_rank_correlation"] == pytest.approx(0.8721, abs=1e-4)
    # In sides of the boxes: errors 4 5 1 3 2 and deviations 4 5 1 2 3.
    assert scores["sigma_rank_correlation_box"] == pytest.approx(0.9)
    inside = [MEDIAN >= 1, 2 * MEDIAN >= 2, 2 * MEDIAN >= 3, False, True]
    assert scores["sigma_within_median"] == 100 * np.mean(inside)
    assert rank_correlation(np.ones(3), np.arange(3.0)) == 0


def test_ranks_are_those_of_scipy():
    few, more = RNG.integers(0, 9, 40), RNG.integers(2, 11, 40)  # with ties
    expected = stats.spearmanr(few, more).statistic
    assert rank_correlation(few, more) == pytest.approx(expected)
    wins = stats.mannwhitneyu(more, few[:30]).statistic / (40 * 30)
    assert rank_auc(more, few[:30]) == pytest.approx(wins)


def test_the_calibration_error_by_hand():
    shares = np.array([[0.95, 0.05], [0.9, 0.1], [0.42, 0.58], [0.45, 0.55]])
    labels = np.array([0, 1, 1, 1])
    # Two faces at 92.5 %, half of them right; two at 56.5 %, both right.
    expected = (2 * 42.5 + 2 * 43.5) / 4
    assert calibration_error(labels, shares, 5) == pytest.approx(expected)
    rows = reliability(labels, shares, 5)
    assert [row["n"] for row in rows] == [2, 2]
    sure = np.eye(2)[[0, 1, 1]]
    assert calibration_error(np.array([0, 1, 1]), sure) == 0


def test_perturbed_crops_are_the_same_every_time():
    blurred, covered = perturbed(CROPS)
    again = perturbed(CROPS)
    np.testing.assert_array_equal(covered, again[1])
    assert blurred.std() < 0.7 * CROPS.std()
    same = (covered == CROPS).mean((1, 2, 3))
    assert ((same > 0.4) & (same < 0.85)).all()
