"""The derivation by hand of a small program: what ran, as named stages, and the chain rule through them in steps."""
