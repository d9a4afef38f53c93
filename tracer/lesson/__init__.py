"""Lessons: steps that say one thing, ask the person to predict, then show; data in a file, asked of a recording."""
