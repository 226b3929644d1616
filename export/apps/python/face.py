"""Predict points and attributes of a face, with LiteRT or ONNX Runtime alone.

python face.py model_float32.tflite photo.jpg LEFT TOP RIGHT BOTTOM
python face.py model.onnx photo.jpg LEFT TOP RIGHT BOTTOM
"""

import json
import sys
import zipfile

import cv2
import numpy as np


def read_tflite(file):
    """Return the description in a .tflite file, and its network."""
    from ai_edge_litert.interpreter import Interpreter

    about = json.loads(zipfile.ZipFile(file).read("facemtl.json"))
    network = Interpreter(file).get_signature_runner("serving_default")
    kind = network.get_input_details()["crops"]["dtype"]
    return about, lambda crops: network(crops=crops.astype(kind))


def read_onnx(file):
    """Return the description in an .onnx file, and its network."""
    from onnxruntime import InferenceSession

    session = InferenceSession(file, providers=["CPUExecutionProvider"])
    about = json.loads(
        session.get_modelmeta().custom_metadata_map["facemtl.json"]
    )
    names = [output.name for output in session.get_outputs()]

    def network(crops):
        found = session.run(names, {"crops": crops.astype("float32")})
        return dict(zip(names, found, strict=True))

    return about, network


def sampled(rows, start, side, size, samples):
    """Sample `size` rows of a photo: each the mean of bilinear samples."""
    n = size * samples
    at = start + (np.arange(n) + 0.5) * side / n
    at = np.clip(at, 0, len(rows) - 1)
    low = at.astype(int)
    high = np.minimum(low + 1, len(rows) - 1)
    share = (at - low)[:, None, None]
    fine = rows[low] * (1 - share) + rows[high] * share
    return fine.reshape(size, samples, *rows.shape[1:]).mean(axis=1)


def main(model, file, *box):
    read = read_onnx if model.endswith(".onnx") else read_tflite
    about, network = read(model)
    how = about["crop"]
    photo = cv2.cvtColor(cv2.imread(file), cv2.COLOR_BGR2RGB)
    if how["color"] == "gray":
        photo = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)[..., None]

    low, high = np.array(box, float).reshape(2, 2)
    side = (high - low).max() * (1 + 2 * how["margin"])
    corner = (low + high - side) / 2
    grid = side, how["size"], how["samples"]
    rows = sampled(photo, corner[1], *grid)
    crop = sampled(rows.swapaxes(0, 1), corner[0], *grid).swapaxes(0, 1)

    answers = network(np.rint(crop)[None])
    for task in about["tasks"]:
        answer = answers[task["name"]][0]
        if task["kind"] == "landmarks":
            for name, at in zip(task["names"], answer, strict=True):
                x, y = at * side + corner
                print(f"{name}: {x:.2f} {y:.2f}")
        elif task["kind"] == "classes":
            best = task["names"][answer.argmax()]
            print(f"{task['name']}: {best} {answer.max():.4f}")
        else:
            print(f"{task['name']}: {answer[0]:.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 7 else sys.exit(__doc__)
