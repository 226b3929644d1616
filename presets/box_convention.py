"""Put MTFL's box convention into presets that were exported without one.

    python presets/box_convention.py

Today's runs carry the convention of their own training faces. `tiny`, `base`
and `large` were trained before; their training faces are MTFL's, whose
convention was fitted and chosen by `presets/second_look.py` (points) and
`benchmarks/detector_boxes.py` (detector). Only `facemtl.json` inside the files
changes, and their size in `presets/NAME.json` and in the cards.
"""

import argparse
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from card import write_card

from facemtl.files.writing import whole_file, write_json
from facemtl.geometry.box_convention import (
    MTFL_BOXES,
    BoxConvention,
    PointConvention,
)
from facemtl.inference.runtimes.associated import read_associated
from facemtl.inference.sidecar import NAME, Sidecar
from facemtl.presets import find_pretrained, pretrained_names
from facemtl.tasks import LANDMARKS

HERE = Path(__file__).parent
# Chosen on validation faces, see `thresholds` in presets/second_look.json.
# Rotation in degrees, offset in sides, scale.
LIMITS = (10.0, 0.12, 1.25)


def mtfl_convention() -> BoxConvention:
    """As measured; one weight is rounded the other way, for their sum."""
    fitted = read_json(HERE / "second_look.json")["weights"]
    middle, side = (
        {name: complex(*pair) for name, pair in fitted[key].items()}
        for key in ("middle", "side")
    )
    off = 1 - sum(middle.values()).real
    middle["nose"] = complex(round(middle["nose"].real + off, 3))
    points = PointConvention(
        tuple(middle[name] for name in LANDMARKS.names),
        tuple(side[name] for name in LANDMARKS.names),
        *LIMITS,
    )
    return BoxConvention(points, MTFL_BOXES)


def main() -> None:
    """Rewrite the sidecar of every preset."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for name in pretrained_names():
        file = find_pretrained(name)
        sidecar, _ = read_associated(file.read_bytes(), str(file))
        put_into(file, replace(sidecar, box_convention=mtfl_convention()))
        print(f"{file.name}: {record_size(name):,} bytes")


def record_size(name: str) -> int:
    """Keep the size of a preset's file in its JSON and its card."""
    result = read_json(HERE / f"{name}.json")
    result["bytes"] = find_pretrained(name).stat().st_size
    write_json(result, HERE / f"{name}.json")
    write_card(result, HERE / f"{name}.md")
    return int(result["bytes"])


def put_into(file: Path, sidecar: Sidecar) -> None:
    """Replace the associated file of a TFLite file, whole or not at all."""
    content = file.read_bytes()
    _, end = read_associated(content, str(file))
    with whole_file(file) as part:
        part.write_bytes(content[:end])
        with zipfile.ZipFile(part, "a", zipfile.ZIP_DEFLATED) as new:
            # The time of day must not make another file of the same content.
            entry = zipfile.ZipInfo(NAME)
            new.writestr(entry, sidecar.to_json(), zipfile.ZIP_DEFLATED)


def read_json(file: Path) -> Any:
    """The content of a JSON file."""
    return json.loads(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
