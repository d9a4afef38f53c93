"""`python -m tracer` is the command `gradtrace`."""

from tracer.cli.main import main

if __name__ == "__main__":
    main()
