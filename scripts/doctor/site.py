"""Where the system runs: on Kubernetes or as a local stack. The checks are the same for both."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scripts.doctor.finding import Finding

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 15.0  # seconds for one command; the slowest is a readiness whose servers are silent


class SiteError(Exception):
    """A command could not be run where it was meant to, or failed; its text says what it said."""


@dataclass(frozen=True)
class Member:
    """A pod of a service, or a process of the local stack; `health` is its port of probes."""

    service: str
    name: str
    health: int


class Site(Protocol):
    """Looks into the running system; `mend` says by its kind the command that mends a fault."""

    mend: Mapping[str, str]

    def before(self) -> list[Finding]:
        """What must be right before anybody can be asked; nobody is, if one of it is broken."""

    def members(self, service: str) -> tuple[list[Member], list[Finding]]:
        """Who can be asked, and what is wrong with those who cannot."""

    def run(self, member: Member, command: Sequence[str]) -> str:
        """The output of a command that runs where the member runs, with its settings; SiteError."""

    def broker(self, *command: str) -> str:
        """The output of one of RabbitMQ's tools, or of `dead`; SiteError."""

    def why_cut(self, service: str, reason: str) -> Finding | None:
        """A better word on a server that `service` does not reach, when the site has one."""

    def after(self) -> list[Finding]:
        """What is beside the path of a job: certificates, the way from here to the gateway."""


def output(
    command: Sequence[str],
    data: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """What a command prints; SiteError with its last line when it fails or takes too long."""
    try:
        return subprocess.run(
            command,
            input=data,
            env=env,
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=True,
        ).stdout
    except subprocess.CalledProcessError as error:
        raise SiteError(last_line(error.stderr) or f"exit code {error.returncode}") from error
    except (subprocess.TimeoutExpired, OSError) as error:
        raise SiteError(str(error)) from error


def last_line(text: str) -> str:
    """The last line that is not empty; empty when there is none."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
