"""Convert photos from files, bytes or arrays to (H, W, 3) uint8, RGB."""
