"""A matrix times a vector, read in two ways. Knows no torch."""
