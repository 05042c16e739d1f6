"""What a first visit may weigh: said at the foot of every page, and held by tests/browser/test_weight.py."""

FIRST_VISIT = 60
"""Kilobytes (1024 bytes) transferred by the first visit of the front page, the lead's picture included."""
