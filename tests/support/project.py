"""Where the checkout is, which services it holds, and the demo's user."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICES = tuple((ROOT / "scripts" / "services.txt").read_text(encoding="ascii").split())
DEMO = ("dksahuji@gmail.com", "Admin123")  # the tutorial's
