"""青春家园: a youth's own home."""
