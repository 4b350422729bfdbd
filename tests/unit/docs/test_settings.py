"""docs/settings.md lists what the services read, with their defaults."""

import re

import pytest

from tests.support.project import ROOT
from tests.support.settings import read_settings

SERVICES = {  # the folder and the class of each column "read by"
    "auth": ("auth", "Settings"),
    "gateway": ("gateway", "Settings"),
    "sweeper": ("gateway", "SweepSettings"),
    "converter": ("converter", "Settings"),
    "notification": ("notification", "Settings"),
}
WORDS = {"required": None, "none": "", "as above": ""}  # defaults that are no value of their own
ROW = re.compile(r"^\| (`.+?) \| ([a-z, ]+) \| (.+?) \| .+ \|$", re.MULTILINE)


def documented(service: str) -> dict[str, str | None]:
    """The settings of a service in the table, with their defaults."""
    found: dict[str, str | None] = {}
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for names, readers, defaults in ROW.findall(text):
        if service in readers.split(", ") or readers == "all":
            values = [WORDS.get(value, value.strip("`")) for value in defaults.split(", ")]
            found |= zip(re.findall(r"`(\w+)`", names), values, strict=True)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_is_documented_with_its_default_and_no_other(service: str) -> None:
    assert documented(service) == read_settings(*SERVICES[service])
