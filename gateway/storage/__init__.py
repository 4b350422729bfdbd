"""Videos and MP3s in GridFS."""
