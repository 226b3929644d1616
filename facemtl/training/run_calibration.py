"""The calibration of a run's best network, once."""

from pathlib import Path
from typing import Any

from facemtl.files.kept import read_kept, read_object
from facemtl.files.writing import whole_file, write_json
from facemtl.models import FaceNetwork, load_model
from facemtl.models.identity import network_digest
from facemtl.pipeline.crop_cache import Crops
from facemtl.training.calibration import calibrate

FILE = "calibration.json"
ADVICE = "Remove it: the run, resumed, calibrates again."


def calibrated(
    folder: Path, validation: Crops
) -> tuple[FaceNetwork, dict[str, Any]]:
    """Calibrate `model.keras` of a run, and return it with what was fitted.

    `calibration.json` has the digest of the calibrated network, so that a run
    that was killed here is not calibrated twice.

    Args:
        folder: the run folder.
        validation: the validation faces, without border.
    """
    network = load_model(folder)
    file = folder / FILE
    if file.exists():
        kept = read_kept(file, read_object, ADVICE)
        if kept["network"] == network_digest(network):
            return network, kept["fitted"]
    network, fitted = calibrate(network, validation)
    if fitted:
        digest = network_digest(network)
        write_json({"network": digest, "fitted": fitted}, file)
        with whole_file(folder / "model.keras") as part:
            network.save(part)
    return network, fitted
