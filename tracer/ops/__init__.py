"""Operators: one table of rules, each the formula of an element of its result."""
