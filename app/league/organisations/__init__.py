"""团组织: the tree, what may stand under what, and how it changes."""
