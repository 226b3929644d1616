"""Videos: reading, tracking, writing."""
