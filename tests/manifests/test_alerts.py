"""Each alert says what to do, fires when it should, and stays silent when it should not."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.manifests.conftest import Object
from tests.support.headings import anchors
from tests.support.project import ROOT

RULES = ROOT / "manifests/components/monitoring/rules.yaml"
CASES = Path(__file__).with_name("alerts.yaml")
ALERTS: dict[str, Object] = {
    rule["alert"]: rule
    for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
}
FIRING = re.compile(r'^ALERTS\{alertname="(\w+)", alertstate="firing"\}$')

alerts = pytest.mark.parametrize("name", ALERTS)


def promtool(*arguments: str | Path) -> str:
    """What promtool says; AssertionError with it when it finds fault."""
    command = ["promtool", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def expected() -> dict[str, set[bool]]:
    """Of each alert, whether there are cases in which it fires, and in which it does not."""
    found: dict[str, set[bool]] = {}
    for test in yaml.safe_load(CASES.read_text(encoding="utf-8"))["tests"]:
        for case in test["promql_expr_test"]:
            match = FIRING.match(case["expr"])
            assert match, case["expr"]
            found.setdefault(match[1], set()).add(bool(case["exp_samples"]))
    return found


def test_the_rules_are_sound() -> None:
    assert f"{len(ALERTS)} rules found" in promtool("check", "rules", RULES)
    assert len(ALERTS) >= 12


def test_each_alert_fires_and_stays_silent_as_its_cases_say() -> None:
    promtool("test", "rules", CASES)


@alerts
def test_an_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent(name: str) -> None:
    assert expected()[name] == {True, False}


@alerts
def test_an_alert_says_how_bad_it_is_what_it_is_and_what_to_do(name: str) -> None:
    alert: dict[str, Any] = ALERTS[name]
    assert re.fullmatch(r"([A-Z][a-z]+)+", name)
    assert re.fullmatch(r"\d+m", alert["for"])
    assert alert["labels"].keys() == {"severity"}
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"].keys() == {"summary", "action", "runbook_url"}
    assert all(text and "\n" not in text for text in alert["annotations"].values())


@alerts
def test_an_alerts_runbook_is_there(name: str) -> None:
    document, _, anchor = ALERTS[name]["annotations"]["runbook_url"].partition("#")
    assert anchor == name.lower()
    assert anchor in anchors(ROOT / document)
