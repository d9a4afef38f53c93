"""Writes recordings to files, one format a file."""
