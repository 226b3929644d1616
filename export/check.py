"""Compare every exported format with the original network."""

from dataclasses import replace
from pathlib import Path

from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split
from facemtl.errors import InputError
from facemtl.evaluation.scores import headline
from facemtl.export.format_check import Answers, FormatCheck, compare
from facemtl.export.tolerances import fault
from facemtl.inference.runtimes import load_network
from facemtl.inference.runtimes.export_folder import KERAS, ONNX
from facemtl.inference.sidecar import NAME, read_sidecar, write_sidecar
from facemtl.pipeline.crop_cache import CachePlan, Crops, crop_faces
from facemtl.process.bars import Bar
from facemtl.process.packages import check_packages


def check_export(
    folder: str | Path,
    source: str,
    bad: BadRows | None = None,
    verbose: int = 1,
) -> list[FormatCheck]:
    """Compare all formats in a folder on the test faces of a source.

    The scores are added to the folder's `facemtl.json`.

    Args:
        folder: a folder from `export_network`.
        source: a folder or zip of MTFL, a CSV, or "synthetic".
        bad: what to do with invalid rows; stop by default.
        verbose: 1 shows progress.

    Returns:
        The Keras network first, then each format.

    Raises:
        InputError: if the folder contains no export, or an ONNX file and
            onnxruntime is missing.

    Example:

        for check in check_export("exported", "data/MTFL"):
            print(check.file, check.points, check.fault or "passes")
    """
    folder, bad = Path(folder), bad or BadRows()
    sidecar = read_sidecar(folder / NAME)
    files = exported_files(folder)
    if folder / ONNX in files:
        check_packages("The format onnx", "onnxruntime")
    faces = load_split(source, "test", sidecar.tasks, bad)
    faces = faces.including(sidecar.tasks)
    crops = crop_faces(faces, CachePlan(sidecar.crop), bad, verbose=verbose)
    checks = _checks(files, crops, verbose)
    scores = {check.file: headline(check.scores) for check in checks}
    write_sidecar(sidecar.with_scores({**sidecar.scores, **scores}), folder)
    return checks


def _checks(files: list[Path], crops: Crops, verbose: int) -> list[FormatCheck]:
    """Check each file; the first one is the reference."""
    reference: Answers = {}
    checks: list[FormatCheck] = []
    bar = Bar(len(files), "format", verbose)
    for file in files:
        network = load_network(file)
        answers = network.predict(crops.images)
        reference = reference or answers
        check = compare(file, network, crops, answers, reference)
        first = checks[0] if checks else check
        checks.append(replace(check, fault=fault(check, first)))
        bar.add(1)
    return checks


def exported_files(folder: Path) -> list[Path]:
    """Return the Keras network of an export, then its formats by name."""
    if not (folder / KERAS).is_file():
        raise InputError(
            f"Expected a folder that facemtl export wrote. Received: {folder} "
            f"without {KERAS}."
        )
    formats = sorted(folder.glob("model*.tflite"))
    others = (folder / name for name in ("saved_model", "model.onnx"))
    there = [file for file in others if file.exists()]
    return [folder / KERAS, *there, *formats]
