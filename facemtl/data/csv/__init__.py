"""Tables of faces in CSV files."""
