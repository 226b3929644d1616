"""Hyperparameter search with KerasTuner; imported as `facemtl.tuning`."""
