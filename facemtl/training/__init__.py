"""Training: losses, weighting, callbacks and complete runs."""
