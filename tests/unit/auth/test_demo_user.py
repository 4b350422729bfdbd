"""The demo's user is stored as the auth service itself would store it."""

import shlex
from pathlib import Path

from passwords import matches, upgrade

FILE = Path(__file__).parents[3] / "scripts/demo-user.env"


def test_the_demos_hash_is_of_its_password_and_needs_no_new_one() -> None:
    words = shlex.split(FILE.read_text(encoding="utf-8"), comments=True)
    user = dict(word.split("=", 1) for word in words)
    assert matches(user["DEMO_PASSWORD"], user["DEMO_PASSWORD_HASH"])
    assert upgrade(user["DEMO_PASSWORD"], user["DEMO_PASSWORD_HASH"]) is None
