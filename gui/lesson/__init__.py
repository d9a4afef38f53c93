"""The Lesson workspace: a step says one thing, sets another workspace up, asks, and then shows."""
