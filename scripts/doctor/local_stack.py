"""The local stack, looked into by its supervisor and its processes' own settings."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from local.stack.paths import Paths
from local.stack.supervise import control, is_up
from scripts.doctor.finding import Finding, broken, ok
from scripts.doctor.site import ROOT, Member, Site, SiteError, last_line, output

MEND = {
    "databases": "local/up",
    "deploy": "local/up",
    "demo": "local/up",
    "mail": "local/up",
    "auth": "local/ctl restart 'auth:*'",
    "broker": "local/ctl tail rabbitmq",
    "broker_memory": "local/ctl rabbitmqctl status, then free memory on this machine",
    "broker_disk": "df -h, then free the disk that is full",
    "mongodb_disk": "df -h, then free the disk that is full",
    "tmp": "df -h, then free the disk that is full",
    "queues": "local/ctl restart rabbitmq",
    "type": "local/ctl rabbitmqctl delete_queue {queue}, then local/ctl restart rabbitmq",
    "workers": "local/ctl start '{service}:*'",
    "resume": "local/ctl queue resume {queue}",
    "dead": "local/ctl dead list, then local/ctl dead requeue",
    "restart": "local/ctl restart '{service}:*'",
    "logs": "local/ctl tail {service}:",
}


class LocalStack(Site):
    """The stack of LOCAL_DIR, started by local/up."""

    mend = MEND

    def __init__(self) -> None:
        self._paths = Paths.read(os.environ)
        self._pids: dict[str, str] = {}

    def before(self) -> list[Finding]:
        """The supervisor answers."""
        if is_up(self._paths):
            return [ok("stack", f"up, in {self._paths.folder}")]
        said = f"no supervisor answers in {self._paths.run}"
        return [broken("stack", "the stack is not up", said, "a started stack", "local/up")]

    def members(self, service: str) -> tuple[list[Member], list[Finding]]:
        """The processes that run; those that do not are a finding."""
        found, problems = [], []
        for name, state in self._states(service):
            port = int(name.rpartition("-")[2]) if "-" in name else 0
            running = re.match(r"RUNNING +pid (\d+)", state)
            if running:
                self._pids[name] = running[1]
                found.append(Member(service, name, port))
            else:
                summary = f"{name} does not run"
                said = f"{state}; {last_line(self._log(name))}"
                needed = f"a running {name}"
                following = f"local/ctl start {self._full_name(name)}"
                problems.append(broken(service, summary, said, needed, following))
        return found, problems

    def run(self, member: Member, command: Sequence[str]) -> str:
        """With the process' own environment and folder."""
        process = Path("/proc") / self._pids[member.name]
        try:
            lines = (process / "environ").read_bytes().split(b"\0")
            folder = (process / "cwd").resolve()
        except OSError as error:
            raise SiteError(f"{member.name} has just ended: {error}") from error
        variables = dict(line.decode().split("=", 1) for line in lines if b"=" in line)
        program = [sys.executable if command[0] == "python" else command[0], *command[1:]]
        return output(program, env=variables, cwd=folder)

    def broker(self, *command: str) -> str:
        """By local/ctl."""
        return output([str(ROOT / "local/ctl"), *command])

    def why_cut(self, service: str, reason: str) -> Finding | None:
        """Nothing stands between processes of one machine."""
        return None

    def after(self) -> list[Finding]:
        """The disk of all that the stack keeps."""
        usage = shutil.disk_usage(self._paths.folder)
        return [ok("disk", f"{usage.free / 2**30:.1f} GiB free in {self._paths.folder}")]

    def _states(self, service: str) -> list[tuple[str, str]]:
        """Each process' name and state, as supervisorctl tells them."""
        listed = control(self._paths, "status").stdout.splitlines()
        rows = [line.split(None, 1) for line in listed if line.strip()]
        return [
            (name.rpartition(":")[2], state)
            for name, state in rows
            if name == service or name.startswith(f"{service}:")
        ]

    def _full_name(self, name: str) -> str:
        group, dash, _ = name.rpartition("-")
        return f"{group}:{name}" if dash else name

    def _log(self, name: str) -> str:
        file = self._paths.log / f"{name}.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
