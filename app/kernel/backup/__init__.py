"""Backups: one encrypted file with the database, the uploads and the audit's anchors; verified by opening it.

The vault's keys are not in it: whoever finds the file and learns its passphrase still reads no ID number. Which keys
it takes is noted, so that a restore says at once when they are missing.
"""
