"""What the gateway asks the auth service: who sent this request."""
