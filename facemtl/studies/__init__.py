"""Studies: train variants on several seeds, compare them and report."""
