"""Where the checkout is, which services it holds, and the demo's user."""

from pathlib import Path

from local.stack.paths import read_variables

ROOT = Path(__file__).parents[2]
SERVICES = tuple((ROOT / "scripts" / "services.txt").read_text(encoding="ascii").split())
_DEMO = read_variables(ROOT / "scripts" / "demo-user.env")
DEMO = (_DEMO["DEMO_EMAIL"], _DEMO["DEMO_PASSWORD"])
