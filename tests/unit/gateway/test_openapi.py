"""openapi.json names what the gateway serves, and the options as they are checked."""

import json
import re
from pathlib import Path
from typing import Any

import server
from servicekit.gridfs import mongodb
from servicekit.http.problem import Code
from servicekit.jobs import options
from servicekit.jobs.reasons import Reason
from servicekit.jobs.state import SHOWN
from settings import Settings
from tests.support.settings import NEEDED

PLACE = re.compile(r"<(?:path:|job:)?(?:job_|upload_|key_|webhook_|mp3_)?(\w+)>")
AUTOMATIC = {"HEAD", "OPTIONS"}  # beside GET, and everywhere


def document() -> dict[str, Any]:
    text = Path(server.__file__).with_name("openapi.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _own(methods: set[str]) -> set[str]:
    return methods - (AUTOMATIC if "GET" in methods else {"OPTIONS"})


def test_every_route_is_documented_and_no_other() -> None:
    settings = Settings.from_env(NEEDED)
    with mongodb.connect(settings.mongo) as client:
        app = server.open_doors(settings, client)
    page = {"/", "/static/<path:name>"}
    served = {
        (PLACE.sub(r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule not in page
        for method in _own(rule.methods or set())
    }
    documented = {
        (path, method.upper())
        for path, item in document()["paths"].items()
        for method in item.keys() - {"parameters", "options"}
    }
    assert served == documented


def test_the_options_are_documented_as_they_are_checked() -> None:
    schemas = document()["components"]["schemas"]
    upload = schemas["Upload"]["properties"]
    assert upload.keys() - {"file"} == schemas["Options"]["properties"].keys() == set(options.NAMES)
    assert tuple(upload["preset"]["enum"]) == options.PRESETS
    assert tuple(upload["bitrate"]["enum"]) == options.BITRATES
    assert tuple(upload["sample_rate"]["enum"]) == options.SAMPLE_RATES
    assert upload["title"]["maxLength"] == options.MAX_TEXT


def test_the_states_reasons_and_codes_are_documented_as_they_are() -> None:
    schemas = document()["components"]["schemas"]
    assert tuple(schemas["State"]["enum"]) == SHOWN
    assert schemas["Reason"]["enum"] == list(Reason)
    assert schemas["Code"]["enum"] == list(Code)


def test_every_error_that_is_a_text_is_documented_as_a_problem_too() -> None:
    responses = [*document()["components"]["responses"].values()]
    for item in document()["paths"].values():
        operations = [value for value in item.values() if isinstance(value, dict)]
        for operation in operations:
            found = operation["responses"].items()
            responses += [response for status, response in found if status >= "400"]
    kinds = [response["content"].keys() for response in responses if "content" in response]
    assert all("application/problem+json" in kind for kind in kinds)
    assert kinds
