"""Finding the faces of a photo."""
