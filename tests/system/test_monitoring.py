"""The alerts and the dashboard ask a real Prometheus for what the running stack serves."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.support.project import ROOT, SERVICES
from tests.support.prometheus import COMPONENT, Prometheus
from tests.support.stack import Stack
from tests.support.wait import until

DASHBOARD: dict[str, Any] = json.loads((COMPONENT / "dashboard.json").read_text(encoding="utf-8"))
PANELS = {
    panel["title"]: [target["expr"] for target in panel["targets"]] for panel in DASHBOARD["panels"]
}
RULES: dict[str, str] = {
    rule["alert"]: rule["expr"]
    for group in yaml.safe_load((COMPONENT / "rules.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
}
ROW = re.compile(r"^\| `(video2mp3_\w+)` \| (\w+) \|", re.MULTILINE)
OPERATORS = {"and", "or", "unless", "by", "without", "on", "ignoring"}
PROMETHEUS_OWN = {"up", "ALERTS"}


def metrics(expression: str) -> set[str]:
    """The names of metrics in a query."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(by|without|on|ignoring) \([^)]*\)", " ", expression)
    return set(re.findall(r"\b[a-zA-Z_]\w*\b(?!\s*\()", bare)) - OPERATORS


def documented() -> set[str]:
    """The names of series in docs/metrics.md."""
    rows = ROW.findall((ROOT / "docs/metrics.md").read_text(encoding="utf-8"))
    parts = {"histogram": ("_bucket", "_sum", "_count")}
    return {name + part for name, kind in rows for part in parts.get(kind, ("",))}


@pytest.fixture(scope="module")
def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """One that has scraped all of the stack."""
    health = {
        name: [f"127.0.0.1:{p.rpartition('-')[2]}" for p in stack.processes(name)]
        for name in SERVICES
    }
    broker = [stack.env["RABBITMQ_METRICS_URL"].removeprefix("http://")]
    targets = health | {"rabbitmq": broker, "rabbitmq-queues": broker}
    with Prometheus(tmp_path_factory.mktemp("prometheus"), targets) as running:
        expected = sum(map(len, targets.values()))
        until(lambda: len(running.query("up == 1")) == expected, "all targets are up")
        yield running


@pytest.mark.parametrize("title", PANELS)
def test_a_panel_of_the_dashboard_is_answered(prometheus: Prometheus, title: str) -> None:
    for expression in PANELS[title]:
        prometheus.query(expression)


def test_every_rule_is_evaluated(prometheus: Prometheus) -> None:
    def health() -> dict[str, str]:
        (group,) = prometheus.ask("rules")["groups"]
        return {rule["name"]: rule["health"] for rule in group["rules"]}

    until(lambda: "unknown" not in health().values(), "all rules are evaluated")
    assert health() == dict.fromkeys(RULES, "ok")


def test_rules_and_panels_name_metrics_that_there_are(prometheus: Prometheus) -> None:
    series = set(prometheus.ask("label/__name__/values"))
    known = (
        documented() | PROMETHEUS_OWN | {name for name in series if name.startswith("rabbitmq_")}
    )
    for what, expressions in {**PANELS, **{name: [text] for name, text in RULES.items()}}.items():
        for expression in expressions:
            assert metrics(expression) and metrics(expression) <= known, what


def test_nothing_is_wrong_with_a_stack_that_is_well(prometheus: Prometheus) -> None:
    wrong = ("ServiceDown", "PodDown", "DependencyDown", "WorkerWaits", "BrokerMemoryAlarm")
    for name in wrong:
        assert not prometheus.query(RULES[name]), name


def test_the_dashboard_has_sixteen_panels_at_most_each_in_its_place() -> None:
    panels = DASHBOARD["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(panels) == len(PANELS) <= 16
    assert len(set(places)) == len({panel["id"] for panel in panels}) == len(panels)
