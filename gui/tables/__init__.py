"""One table model and one view; every table is a tuple of columns."""
