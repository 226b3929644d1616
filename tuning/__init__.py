"""KerasTuner searches over the configuration; also `facemtl.tuning`."""
