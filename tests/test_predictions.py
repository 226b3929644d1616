"""`predictions.npz`: what is kept comes back."""

import numpy as np

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.evaluation.predictions import read_predictions, write_predictions


def test_round_trip(tmp_path):
    faces = synthetic_faces(6, seed=2)
    rng = np.random.default_rng(0)
    answers = {
        "landmarks": faces.labels["landmarks"] + 1.5,
        "pose": rng.dirichlet(np.ones(5), 6),
    }
    file = tmp_path / "predictions.npz"
    write_predictions(
        {
            "validation": (faces.select(np.arange(2)), {}),
            "test": (faces, answers),
        },
        file,
    )
    kept = read_predictions(file)
    assert list(kept) == ["validation", "test"]
    assert len(kept["validation"].names) == 2
    assert kept["validation"].answers == {}
    test = kept["test"]
    assert test.tasks == faces.tasks
    np.testing.assert_array_equal(test.names, faces.names)
    np.testing.assert_array_equal(test.boxes, faces.boxes)
    assert set(test.labels) == set(faces.labels)
    for task, label in faces.labels.items():
        np.testing.assert_array_equal(test.labels[task], label)
    for task, answer in answers.items():
        np.testing.assert_allclose(test.answers[task], answer, rtol=1e-6)
    assert [path.name for path in tmp_path.iterdir()] == ["predictions.npz"]
