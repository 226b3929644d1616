"""Batches of crops for training: cached, augmented, taught."""
