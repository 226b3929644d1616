"""Files and folders: read within limits, written whole, locked, named."""
