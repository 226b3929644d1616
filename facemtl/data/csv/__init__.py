"""Read and write tables of faces as CSV."""
