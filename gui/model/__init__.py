"""The Model workspace: what a real training step recorded, from the whole model to one tensor."""
