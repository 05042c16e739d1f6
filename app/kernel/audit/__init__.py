"""The audit: append-only entries in the transaction of their cause, sealed in signed chained blocks."""
