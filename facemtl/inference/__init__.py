"""A trained network's predictions about faces, without TensorFlow."""
