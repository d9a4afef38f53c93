"""Facts → cards measured → Graphviz → a display list."""
