"""The local stack's settings and the ports that follow from them."""

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from local.stack.paths import Paths, read_variables
from local.stack.report import Misuse, run_command

WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,4}")
# Each at its offset from LOCAL_PORT_BASE.
SERVER_PORTS = {
    name: offset
    for offset, name in enumerate(
        ("GATEWAY_PORT", "AUTH_PORT", "MYSQL_PORT", "MONGODB_PORT", "AMQP_PORT")
        + ("MANAGEMENT_PORT", "DIST_PORT", "EPMD_PORT", "SMTP_PORT", "MAILCATCHER_HEALTH")
    )
} | {"BROKER_METRICS_PORT": 90}


@dataclass(frozen=True)
class Fleet:
    """How many processes of a service there are, at most, and the offset of their probes' ports."""

    default: int
    most: int
    offset: int


FLEETS = {
    "auth": Fleet(default=2, most=10, offset=20),
    "gateway": Fleet(default=2, most=10, offset=10),
    "converter": Fleet(default=4, most=30, offset=30),
    "notification": Fleet(default=4, most=30, offset=60),
}


@dataclass(frozen=True)
class Settings:
    """All that `local/up` can be told; `ready_timeout`, in seconds, bounds each wait."""

    paths: Paths
    services: tuple[str, ...]
    port_base: int
    counts: Mapping[str, int]
    mysql_password: str = field(repr=False)
    accounts_password: str = field(repr=False)
    demo_user: bool  # whether to make the demo's user, whose password is public
    ready_timeout: int

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """From the environment, else the last run, else the default; Misuse if out of range."""
        paths = Paths.read(environ)
        kept = read_variables(paths.folder / "numbers")
        given = kept | {name: value for name, value in environ.items() if value}
        services = tuple((paths.root / "scripts/services.txt").read_text().split())
        return cls(
            paths=paths,
            services=services,
            port_base=_number(given, "LOCAL_PORT_BASE", 18000, 1024, 65400),
            counts={
                name: _number(given, count_name(name), FLEETS[name].default, 1, FLEETS[name].most)
                for name in services
            },
            mysql_password=given.get("MYSQL_PASSWORD")
            or _kept(paths.secrets / "mysql_password")
            or "Auth123!",
            accounts_password=given.get("ACCOUNTS_PASSWORD")
            or _kept(paths.secrets / "accounts_password")
            or secrets.token_hex(24),
            demo_user=environ.get("DEMO_USER") != "no",
            ready_timeout=_number(given, "READY_TIMEOUT", 120, 1, 86400),
        )

    @property
    def ports(self) -> dict[str, int]:
        """Every port's name, and the first one of each service's probes as `AUTH_HEALTH`."""
        health = {f"{name.upper()}_HEALTH": FLEETS[name].offset for name in self.services}
        offsets = SERVER_PORTS | health
        return {name: self.port_base + offset for name, offset in offsets.items()}

    @property
    def numbers(self) -> dict[str, int]:
        """What the next run keeps."""
        counts = {count_name(name): count for name, count in self.counts.items()}
        return {"LOCAL_PORT_BASE": self.port_base} | counts

    def processes(self) -> Iterator[tuple[str, int]]:
        """The name and the port of probes of each service's process: ("auth-18020", 18020)."""
        for service in self.services:
            first = self.ports[f"{service.upper()}_HEALTH"]
            for port in range(first, first + self.counts[service]):
                yield f"{service}-{port}", port

    def listening(self) -> list[int]:
        """All ports that the stack takes."""
        servers = [self.ports[name] for name in SERVER_PORTS]
        return servers + [port for _, port in self.processes()]


def count_name(service: str) -> str:
    """The setting that says how many processes a service has: AUTHS."""
    return f"{service.upper()}S"


def _kept(secret: Path) -> str:
    return secret.read_text().strip() if secret.exists() else ""


def _number(given: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = given.get(name, str(default))
    if not WHOLE_NUMBER.fullmatch(text) or not low <= int(text) <= high:
        raise Misuse(f"{name} must be a whole number between {low} and {high}")
    return int(text)


def main() -> None:
    """Refuse what `local/up` would refuse, before anything is installed."""
    Settings.read(os.environ)


if __name__ == "__main__":
    run_command(main)
