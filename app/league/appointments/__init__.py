"""任职: who holds which role where, given by someone above, with a beginning and an end."""
