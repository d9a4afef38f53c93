"""Starts the worker of the Model workspace: `python -m tracer.worker.model`."""

from tracer.worker.model.server import main

if __name__ == "__main__":
    main()
