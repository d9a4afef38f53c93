"""The window: it places, shows and edits; torch lives in the worker beside it."""
