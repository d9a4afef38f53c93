"""Light and dark: the colours of every role, the one stylesheet, and the bundled fonts."""
