"""MP3s for who has a link, with no login."""
