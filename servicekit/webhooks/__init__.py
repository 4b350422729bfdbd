"""Users' own programs are told how their jobs end, by Standard Webhooks 1.0.0."""
