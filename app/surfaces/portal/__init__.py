"""The public portal (sxyouth)."""
