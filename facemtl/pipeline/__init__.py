"""The input pipeline: cached and augmented crops in batches."""
