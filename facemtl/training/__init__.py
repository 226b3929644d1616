"""Training: losses, weighting, callbacks, and whole runs."""
