"""What the kernel counts for the operator. Labels name rules, kinds and states, never a person or a thing of his.

Under gunicorn the processes share their numbers through files (PROMETHEUS_MULTIPROC_DIR, set in its configuration).
"""

from prometheus_client import Counter, Histogram

WRITE_WAIT = Histogram(
    "tuanwutong_write_wait_seconds",
    "How long a change stood in the line of writers before its turn.",
    buckets=(0.001, 0.005, 0.02, 0.05, 0.1, 0.3, 1, 5),
)
BUSY = Counter("tuanwutong_database_busy", "Changes given up because the database was locked, full or away.")
SLOW = Counter("tuanwutong_slow_queries", "Statements that took longer than SLOW_QUERY_MS.")
