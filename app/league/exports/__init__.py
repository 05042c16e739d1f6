"""Exports (导出): a list that leaves the system, with its reason, its limit, its mark and its end."""
