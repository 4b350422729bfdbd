"""An MP3 on its way to its owner."""
