"""Links to one MP3, which need no login."""
