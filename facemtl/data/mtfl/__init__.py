"""The MTFL data, and a check of it."""
