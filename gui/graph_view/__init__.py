"""The graph view: paints a display list, and can be walked by mouse and keyboard."""
