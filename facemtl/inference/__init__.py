"""Prediction with trained networks, without TensorFlow."""
