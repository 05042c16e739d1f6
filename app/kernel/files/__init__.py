"""Uploaded files: checked by content, stored under random names, served through their owner's gate."""
