"""The controls that forms are built from."""
