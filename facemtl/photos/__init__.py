"""Photos: files and arrays of a caller -> (H, W, 3) uint8, RGB."""
