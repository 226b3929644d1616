"""A command's process: streams, progress, packages, forks."""
