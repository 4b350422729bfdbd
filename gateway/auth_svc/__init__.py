"""The way to the auth service."""
