"""Long work outside the request: a row with progress, a lease, and an end that stays."""
