"""Facts → the rows of tables."""
