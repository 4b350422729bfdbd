"""What the run prints."""

import sys
import time


def say(text: str) -> None:
    """Print one line, with the time of day."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()
