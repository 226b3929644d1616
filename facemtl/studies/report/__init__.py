"""A study as one self-contained page: charts, tables, faces."""
