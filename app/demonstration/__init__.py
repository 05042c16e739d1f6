"""The demonstration province: the pilot of April 2016 with invented people. Never part of a production instance."""
