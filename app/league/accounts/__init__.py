"""账号: registration, sign-in, sessions, second factor, consent, messages to oneself."""
