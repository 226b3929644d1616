"""The crop inside the graph is the crop of training, on real faces too.

Drawn cases of it are in `test_crop_cases.py`.
"""

import numpy as np
import pytest
import tensorflow as tf

from facemtl.data.mtfl.reader import read_mtfl
from facemtl.export import photo_graph
from facemtl.geometry.crops import CropSpec
from facemtl.pipeline.crop_cache import CachePlan, crop_faces


@pytest.mark.mtfl
def test_real_faces_differ_by_less_than_half_a_grey_level(mtfl_root):
    faces = read_mtfl(mtfl_root, "test").select(np.arange(60))
    crops = crop_faces(faces, CachePlan(CropSpec()), verbose=0)
    off = []
    for name, window, image in zip(
        faces.names, crops.windows, crops.images, strict=True
    ):
        data = faces.images.read_bytes(name)
        photo = tf.io.decode_jpeg(data, 3, dct_method="INTEGER_ACCURATE")
        place = tf.constant(window[None], tf.float32)
        found = photo_graph.crop_windows(photo, place, CropSpec())
        off.append(np.abs(found.numpy()[0] - image).mean())
    # The issue allows 0.5; what is there is rounding.
    assert max(off) < 0.01
