"""Work that does not fit into a request: jobs with progress, and tasks that come round again."""
