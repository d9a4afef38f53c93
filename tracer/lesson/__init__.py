"""The Lesson: steps that say one thing, ask the person to predict, and show; data that a file holds, and what is asked of a recording."""
