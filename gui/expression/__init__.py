"""The Expression workspace."""
