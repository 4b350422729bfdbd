"""A user's MP3s as a private podcast, for who has its address."""
