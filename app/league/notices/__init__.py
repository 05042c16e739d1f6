"""通知公告: written, published, read."""
