"""Read, track and write videos."""
