"""The Matrix × vector workspace."""
