"""Data that the program ships: fonts, and later lessons, presets and icons."""
