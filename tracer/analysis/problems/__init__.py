"""Why a gradient is missing, zero, not finite, vanishing or exploding: one table of causes."""
