"""The body of an upload, read as it arrives."""
