"""Formulas as they are printed: LaTeX → shapes, off the thread of the window; shapes → lines, aligned and painted."""
