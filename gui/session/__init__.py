"""What lives while the window is open: the experiments, their undo history, the worker, the files."""
