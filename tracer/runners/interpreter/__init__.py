"""Runs a checked program part by part of its tree; nothing is compiled, nothing outside the allow-list reached."""
