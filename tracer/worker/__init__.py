"""The process that owns torch beside the window, and what the two say to each other."""
