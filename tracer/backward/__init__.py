"""What gradients do: what flows on every edge, and finite differences to check it."""
