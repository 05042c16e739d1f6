"""The outbox: a message leaves in the transaction of its cause, and is delivered afterwards by the worker."""
