"""The WeChat door: the official account's callback, WeChat's own sign-in, binding."""
