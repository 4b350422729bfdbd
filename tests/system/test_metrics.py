"""docs/metrics.md lists the metrics of each service, and they tell what happened."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support import media
from tests.support.client import Client
from tests.support.multipart import answer, begun_upload
from tests.support.project import ROOT
from tests.support.stack import Stack
from tests.support.users import PASSWORD, User
from tests.support.wait import until

SERVICES = ("auth", "gateway", "converter", "notification")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|(.*?)\| ([a-z, ]+) \| .+ \|$", re.MULTILINE)
LIBRARIES = ("python_", "process_")


class Metric(NamedTuple):
    """A row of the table, without its meaning."""

    name: str
    kind: str
    labels: frozenset[str]


def documented(service: str) -> dict[str, Metric]:
    text = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    return {
        name: Metric(name, kind, frozenset(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels, services in ROW.findall(text)
        if service in services.split(", ")
    }


def scraped(stack: Stack, service: str) -> str:
    """What all processes of a service say, one after the other."""
    return "\n".join(stack.ask(process, "/metrics").text for process in stack.processes(service))


def total(stack: Stack, service: str, name: str, labels: Mapping[str, str] | None = None) -> float:
    """The sum of the samples of a name with these labels, over the service's processes."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(scraped(stack, service))
        for sample in family.samples
        if sample.name == name and (labels or {}).items() <= sample.labels.items()
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_table_lists_what_a_service_counts_and_no_more(stack: Stack, service: str) -> None:
    found = {
        family.name + ("_total" if family.type == "counter" else ""): family
        for family in text_string_to_metric_families(scraped(stack, service))
        if not family.name.startswith(LIBRARIES)
    }
    rows = documented(service)
    assert {name: family.type for name, family in found.items()} == {
        name: row.kind for name, row in rows.items()
    }
    for name, family in found.items():
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == rows[name].labels, name


def test_a_job_is_counted_on_its_whole_way(stack: Stack, user: User, tmp_path: Path) -> None:
    counted = {
        ("gateway", "video2mp3_upload_bytes_total"): {},
        ("gateway", "video2mp3_download_bytes_total"): {},
        ("gateway", "video2mp3_http_requests_total"): {"endpoint": "upload.upload", "code": "200"},
        ("converter", "video2mp3_messages_total"): {"queue": "video", "outcome": "done"},
        ("converter", "video2mp3_attempts_total"): {"queue": "video"},
        ("converter", "video2mp3_jobs_ended_total"): {"state": "done", "reason": ""},
        ("converter", "video2mp3_queue_wait_seconds_count"): {},
        ("converter", "video2mp3_conversion_duration_seconds_count"): {},
        ("converter", "video2mp3_conversion_speed_ratio_sum"): {},
        ("notification", "video2mp3_mails_total"): {"outcome": "sent"},
        ("notification", "video2mp3_end_to_end_seconds_count"): {},
    }

    def totals() -> dict[tuple[str, str], float]:
        return {key: total(stack, *key, labels) for key, labels in counted.items()}

    before = totals()
    client = user.client
    job = client.upload(media.with_sound(tmp_path / "clip.mp4", 1)).headers["X-Job-Id"]
    until(lambda: client.request("GET", f"/jobs/{job}").json()["state"] == "done", "it is done")
    assert client.request("GET", f"/jobs/{job}/mp3").ok
    until(lambda: all(n > before[key] for key, n in totals().items()), "all is counted")


def test_refusals_are_counted_by_their_limit(stack: Stack, user: User) -> None:
    limit = {"limit": "upload_max_bytes"}
    before = total(stack, "gateway", "video2mp3_refusals_total", limit)
    with begun_upload(stack.env["GATEWAY_URL"], user.client.token, 2**50) as connection:
        assert answer(connection)[0] == 413
    assert total(stack, "gateway", "video2mp3_refusals_total", limit) == before + 1


@pytest.mark.parametrize(
    ("password", "outcome"), [(PASSWORD, "right"), ("wrong", "wrong")], ids=["right", "wrong"]
)
def test_logins_are_counted_by_their_outcome(
    stack: Stack, user: User, password: str, outcome: str
) -> None:
    before = total(stack, "auth", "video2mp3_logins_total", {"outcome": outcome})
    Client(user.client.url).login(user.email, password)
    assert total(stack, "auth", "video2mp3_logins_total", {"outcome": outcome}) == before + 1
