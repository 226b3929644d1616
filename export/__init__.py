"""A trained network as files that apps load; also `facemtl.export`."""
