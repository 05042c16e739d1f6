"""The whole on one machine's loopback: coordinators, PostgreSQL with a standby, pooler, application, nginx."""
