"""Holds the project itself to its rules: commands, tracked files, vendored files."""
