"""An MP3 that was written: its frames, its tag, and its chapters as MP3s of their own."""
