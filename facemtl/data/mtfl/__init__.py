"""Read and check the MTFL dataset."""
