"""The kernel: access, audit, vault, database. It knows nothing of the League."""
