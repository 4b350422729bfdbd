"""Webhooks: where a user's programs are told how jobs end."""
