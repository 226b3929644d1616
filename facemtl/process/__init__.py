"""The process of a command: its streams, progress, packages, threads."""
