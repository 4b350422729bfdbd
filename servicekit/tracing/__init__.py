"""Traces, by OpenTelemetry; off until an endpoint is set, and then nothing of it is loaded."""
