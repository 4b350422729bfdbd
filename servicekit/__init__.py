"""What every service of Video2MP3 needs, one idea a module."""

__version__ = "1.0.0"
