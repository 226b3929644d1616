"""Calibration of a trained network on validation faces.

Probabilities get one temperature per attribute, and landmarks of heat maps get
standard deviations. Predicted classes and points stay as they are.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from facemtl.evaluation.calibration import MEDIAN, calibration_error
from facemtl.geometry.crops import to_window
from facemtl.models import FaceNetwork
from facemtl.pipeline.crop_cache import Crops
from facemtl.pipeline.perturbed import not_faces, perturbed
from facemtl.tasks import Task, sigma_name
from facemtl.tasks.sigma import SigmaFit

# With fewer labelled faces, the fits would follow single faces.
FACES = 100
TEMPERATURES = np.exp(np.arange(-75, 76) / 50)
NEAREST = 1e-4  # of the window: errors below are those of the labels
ROUNDS = 50


class Calibrated(NamedTuple):
    """A calibrated network, with what was fitted.

    Attributes:
        network: the network.
        report: {attribute: `temperature`, and `calibration_error_before` and
            `calibration_error_after` on the validation faces, in %}; and
            {landmarks: the numbers of its `SigmaFit`}.
    """

    network: FaceNetwork
    report: dict[str, dict[str, Any]]


def calibrate(network: FaceNetwork, crops: Crops) -> Calibrated:
    """Fit temperatures and deviations to validation faces.

    The temperature T of an attribute minimizes the cross-entropy. It divides
    kernel and bias of the attribute's last layer, so that every export has it.
    Deviations are fitted to the faces as they are, blurred, and half covered,
    so that they also hold for faces that are harder than validation faces.

    Args:
        network: the trained network.
        crops: its validation faces, without border.

    Returns:
        A new network, or the given one if nothing was fitted. Tasks with fewer
        than 100 labelled faces, and dense landmarks, stay as they are.

    Reference: Guo et al., "On Calibration of Modern Neural Networks", ICML
    2017, section 4.2 (temperature scaling).

    Example:

        calibrated, report = calibrate(network, validation)
        report["smile"]["temperature"]
    """
    attributes = _labelled(network, crops, "classes")
    heatmaps = network.get_config()["landmarks"] == "heatmap"
    landmarks = _labelled(network, crops, "landmarks") if heatmaps else []
    if not attributes and not landmarks:
        return Calibrated(network, {})
    made = network.with_settings(sigma=None)
    report = {task.name: _temper(made, task, crops) for task in attributes}
    fits = {task.name: _fitted_sigma(made, task, crops) for task in landmarks}
    if fits:
        made = made.with_settings(sigma=fits)
    report |= {name: fit.to_dict() for name, fit in fits.items()}
    return Calibrated(made, report)


def _labelled(network: FaceNetwork, crops: Crops, kind: str) -> list[Task]:
    """Return the tasks of a kind that enough faces are labelled for."""
    labels = crops.faces.labels
    return [
        task
        for task in network.tasks
        if task.kind == kind
        and task.is_labelled(labels[task.name]).sum() >= FACES
    ]


def _temper(network: FaceNetwork, task: Task, crops: Crops) -> dict[str, Any]:
    """Divide the last layer by the best temperature, in place."""
    labels = crops.faces.labels[task.name]
    known = task.is_labelled(labels)
    labels, views = labels[known], _views(network, task, crops.images[known])
    faces = np.arange(len(labels))
    costs = [
        -np.log(_softened(views, x)[faces, labels]).mean() for x in TEMPERATURES
    ]
    best = float(TEMPERATURES[int(np.argmin(costs))])
    for weight in network.get_layer(task.name).weights:
        weight.assign(weight / best)
    before, after = (
        calibration_error(labels, _softened(views, x)) for x in (1.0, best)
    )
    return {
        "temperature": round(best, 4),
        "calibration_error_before": before,
        "calibration_error_after": after,
    }


def _views(
    network: FaceNetwork, task: Task, images: np.ndarray
) -> list[np.ndarray]:
    """Return probabilities for crops, and for mirror images if it uses them."""
    if not network.get_config()["mirrored"]:
        return [_predict(network, images)[task.name]]
    plain = network.without_mirror()
    mirrored = _predict(plain, images[:, :, ::-1])[task.name]
    return [
        _predict(plain, images)[task.name],
        mirrored[:, list(task.mirror)],
    ]


def _softened(views: list[np.ndarray], temperature: float) -> np.ndarray:
    """Return the mean probabilities of logits divided by a temperature."""
    least = np.finfo(np.float32).tiny
    powers = [
        np.maximum(view, least).astype(np.float64) ** (1 / temperature)
        for view in views
    ]
    return np.mean([p / p.sum(1, keepdims=True) for p in powers], axis=0)


def _fitted_sigma(network: FaceNetwork, task: Task, crops: Crops) -> SigmaFit:
    """Fit the deviations of one landmarks task."""
    known = task.is_labelled(crops.faces.labels[task.name])
    plain = SigmaFit((0.0,) * task.size, 1.0, 0.0)
    spread = network.with_settings(sigma={task.name: plain})
    labels = to_window(crops.faces.labels[task.name], crops.windows)
    images = crops.images[known]
    distances, spreads = [], []
    for some in (images, *perturbed(images)):
        found = _predict(spread, some)
        errors = found[task.name] - labels[known]
        distances.append(np.linalg.norm(errors, axis=-1))
        spreads.append(found[sigma_name(task)])
    fit = fit_sigma(np.concatenate(distances), np.concatenate(spreads))
    final = network.with_settings(sigma={task.name: fit})
    faces, others = (
        np.log(_predict(final, some)[sigma_name(task)]).mean(1)
        for some in (images, not_faces(images))
    )
    return fit_limit(fit, faces, others)


def fit_sigma(distances: np.ndarray, spreads: np.ndarray) -> SigmaFit:
    """Fit `PointSigma` such that the median distance is 1.18 σ.

    Median regression of log distances on log spreads, by iteratively
    reweighted least squares.

    Args:
        distances: (N, P) from the labels; NaN without a label.
        spreads: (N, P) spreads of the heat maps, same unit.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> spreads = rng.uniform(0.01, 0.1, (9000, 2))
    >>> xy = 0.5 * spreads[..., None] * rng.normal(size=(9000, 2, 2))
    >>> fit = fit_sigma(np.linalg.norm(xy, axis=-1), spreads)
    >>> [round(float(np.exp(x)), 1) for x in fit.offset], round(fit.own, 1)
    ([0.5, 0.5], 1.0)

    Reference: Koenker and Bassett, "Regression Quantiles", Econometrica 1978.
    """
    own = np.log(spreads)
    face = np.broadcast_to(own.mean(1, keepdims=True), own.shape)
    known = np.isfinite(distances)
    errors = np.log(np.maximum(np.where(known, distances, 1.0), NEAREST))
    weight = known.astype(np.float64)
    for _ in range(ROUNDS):
        slopes, offset = _weighted_fit(errors, np.stack([own, face]), weight)
        rest = errors - offset - slopes[0] * own - slopes[1] * face
        weight = known / np.maximum(np.abs(rest), 1e-3)
    # Points without labels have the mean offset of the others.
    offset = np.where(known.any(0), offset, offset[known.any(0)].mean())
    numbers = [*(offset - np.log(MEDIAN)), *slopes]
    *offsets, first, second = (round(float(x), 4) for x in numbers)
    return SigmaFit(tuple(offsets), first, second)


def _weighted_fit(
    y: np.ndarray, x: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes (2,) and offsets (P,) of y (N, P) on x (2, N, P)."""
    total = np.maximum(weight.sum(0), np.finfo(float).tiny)
    middle_y = (weight * y).sum(0) / total
    middle_x = (weight * x).sum(1) / total
    away_y, away_x = y - middle_y, x - middle_x[:, None]
    square = np.einsum("inp,jnp,np->ij", away_x, away_x, weight)
    product = np.einsum("inp,np,np->i", away_x, away_y, weight)
    # The least slopes, if both columns are equal: a task of one point.
    slopes = np.linalg.pinv(square, hermitian=True) @ product
    return slopes, middle_y - slopes @ middle_x


def fit_limit(fit: SigmaFit, faces: np.ndarray, others: np.ndarray) -> SigmaFit:
    """Fit the probability of a face to crops with and without one.

    The discriminant of two normal distributions with the same variance: the
    limit is the middle of their means, and the slope their distance divided
    by the variance.

    Args:
        fit: the fit of the deviations.
        faces: (N,) mean log σ of faces.
        others: (M,) mean log σ of other crops.

    Example:

    >>> fit = SigmaFit((0.0,), 1.0, 0.0)
    >>> found = fit_limit(fit, np.array([-4.0, -2.0]), np.array([0.0, 2.0]))
    >>> found.limit, found.slope
    (-1.0, 4.0)

    Reference: Fisher, "The use of multiple measurements in taxonomic
    problems", Annals of Eugenics 1936.
    """
    near, far = float(faces.mean()), float(others.mean())
    variance = float(faces.var() + others.var()) / 2
    # An untrained network may be as sure of other crops as of faces.
    slope = max((far - near) / max(variance, 1e-6), 0.0)
    middle = (near + far) / 2
    return replace(fit, limit=round(middle, 4), slope=round(slope, 4))


def _predict(network: FaceNetwork, images: np.ndarray) -> dict[str, Any]:
    found: dict[str, Any] = network.predict(images, batch_size=250, verbose=0)
    return found
