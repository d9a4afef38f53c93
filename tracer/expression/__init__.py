"""Programs that a person types: what they may hold, read and checked without running anything."""
