"""Jobs: a user's videos on their way to MP3s. A job's record is its video's GridFS document."""
