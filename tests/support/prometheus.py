"""Debian's Prometheus on loopback, with the configuration and the rules of the cluster's."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.support.closing import Closing
from tests.support.machine import free_port
from tests.support.project import ROOT
from tests.support.wait import until

COMPONENT = ROOT / "manifests/components/monitoring"
INTERVAL = "1s"  # in place of 15 s
TIMEOUT = 10
STOP_TIMEOUT = 10


class Prometheus(Closing):
    """Scrapes `targets`, which are addresses by job, each second; keeps all in `folder`."""

    def __init__(self, folder: Path, targets: Mapping[str, Sequence[str]]) -> None:
        config = folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(_config(targets)))
        port = free_port()
        self._address = f"http://127.0.0.1:{port}"
        with (folder / "log.txt").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={config}",
                    f"--storage.tsdb.path={folder}/data",
                    f"--web.listen-address=127.0.0.1:{port}",
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(self._ready, "Prometheus is ready")

    def _ready(self) -> bool:
        assert self._process.poll() is None, "Prometheus has ended"
        try:
            return requests.get(f"{self._address}/-/ready", timeout=1).ok
        except requests.ConnectionError:
            return False

    def close(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(STOP_TIMEOUT)

    def ask(self, path: str, **parameters: str) -> Any:
        """The data of an answer; HTTPError with a query's fault."""
        answer = requests.get(f"{self._address}/api/v1/{path}", parameters, timeout=TIMEOUT)
        assert answer.ok, answer.text
        return answer.json()["data"]

    def query(self, text: str) -> list[dict[str, Any]]:
        """The series that a query gives now."""
        found: list[dict[str, Any]] = self.ask("query", query=text)["result"]
        return found


def _config(targets: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The cluster's, but that it knows the addresses, and scrapes more often."""
    config: dict[str, Any] = yaml.safe_load((COMPONENT / "prometheus.yml").read_text())
    times = dict.fromkeys(("scrape_interval", "scrape_timeout", "evaluation_interval"), INTERVAL)
    config["global"] = times
    config["rule_files"] = [str(COMPONENT / "rules.yaml")]
    scrapes = {scrape["job_name"]: scrape for scrape in config["scrape_configs"]}
    config["scrape_configs"] = [
        {
            key: value
            for key, value in scrapes.get(job, {}).items()
            if key not in ("dns_sd_configs", "static_configs")
        }
        | {"job_name": job, "static_configs": [{"targets": list(addresses)}]}
        for job, addresses in targets.items()
    ]
    return config
