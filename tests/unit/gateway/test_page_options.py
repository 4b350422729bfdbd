"""The page offers what the API takes: the choices of index.html are those of openapi.json."""

import json
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import server

GATEWAY = Path(server.__file__).parent
UPLOAD: dict[str, Any] = json.loads((GATEWAY / "openapi.json").read_text(encoding="utf-8"))[
    "components"
]["schemas"]["Upload"]["properties"]


class OptionsForm(HTMLParser):
    """The fields of the form of the sound options, and the values that its lists offer."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs: dict[str, dict[str, str | None]] = {}
        self.choices: dict[str, list[str]] = defaultdict(list)
        self._inside = False
        self._list = ""
        self.feed((GATEWAY / "static/index.html").read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self._inside = attributes.get("id") == "options-form"
        elif self._inside and tag == "input":
            self.inputs[str(attributes["name"])] = attributes
        elif self._inside and tag == "select":
            self._list = str(attributes["name"])
        elif self._inside and tag == "option" and attributes["value"]:
            self._offer(attributes["value"])

    def _offer(self, value: str) -> None:
        """The list `rate` holds the values of two fields, as `name=value`."""
        field, _, rate = value.rpartition("=")
        self.choices[field or self._list].append(rate)


FORM = OptionsForm()


def allowed(name: str) -> list[str]:
    field = UPLOAD[name]
    values = field.get("enum") or range(field["minimum"], field["maximum"] + 1)
    return [str(value) for value in values]


def test_the_page_has_a_field_for_every_option_and_no_other() -> None:
    assert FORM.inputs.keys() | FORM.choices.keys() == UPLOAD.keys() - {"file"}


@pytest.mark.parametrize("name", ["preset", "bitrate", "quality", "channels", "sample_rate"])
def test_a_list_offers_every_value_of_the_api_and_no_other(name: str) -> None:
    assert sorted(FORM.choices[name]) == sorted(allowed(name))


@pytest.mark.parametrize("name", ["normalize", "silence"])
def test_a_box_sends_a_value_of_the_api(name: str) -> None:
    assert FORM.inputs[name]["value"] in allowed(name)


@pytest.mark.parametrize("name", ["track", "start", "end", "cover"])
def test_a_text_is_checked_by_the_pattern_of_the_api(name: str) -> None:
    assert f"^({FORM.inputs[name]['pattern']})$" == UPLOAD[name]["pattern"]


@pytest.mark.parametrize("name", ["title", "artist", "album"])
def test_a_tag_is_as_long_as_the_api_allows(name: str) -> None:
    assert FORM.inputs[name]["maxlength"] == str(UPLOAD[name]["maxLength"])
