"""团务通: the back office."""
