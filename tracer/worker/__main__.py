"""Starts the worker: `python -m tracer.worker`."""

from tracer.worker.server import main

if __name__ == "__main__":
    main()
