"""Datasets: one file a source, all of them into the same table, `Faces`."""
