"""Experiments → facts."""
