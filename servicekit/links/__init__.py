"""Links to one MP3 or several, which need no login."""
