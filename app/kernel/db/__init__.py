"""Engine, unit of work and column types, the same on SQLite and PostgreSQL."""
