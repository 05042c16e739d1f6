"""Spreadsheets as people have them, become files, rosters and organisations: read, mapped, checked, looked at, put in."""
