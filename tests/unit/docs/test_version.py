"""The version stands in one place; what repeats it is held equal."""

import json
import re

from servicekit import __version__
from tests.support.project import ROOT


def test_the_newest_release_of_the_changelog_is_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[(.+)\](?: - \d{4}-\d{2}-\d{2})?$", text, re.MULTILINE)
    assert releases[:2] == ["Unreleased", __version__]


def test_the_description_of_the_api_has_the_version() -> None:
    text = (ROOT / "gateway/openapi.json").read_text(encoding="utf-8")
    assert json.loads(text)["info"]["version"] == __version__
