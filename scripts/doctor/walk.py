"""The walk along a job's path: from auth and the gateway over the queues to the mail."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scripts.doctor.clocks import Clocks
from scripts.doctor.disks import full
from scripts.doctor.finding import Finding, Level, first_broken, ok, warning
from scripts.doctor.queues import queues
from scripts.doctor.rules import diagnose
from scripts.doctor.site import Member, Site, SiteError

AT_ONCE = 12  # commands
LOOK = "date +%s.%N; curl --silent --max-time 12 --noproxy '*' '127.0.0.1:{port}/readyz?verbose'"
TMP = 'df --output=pcent "${WORK_DIR:-/tmp}" | tail -n 1'


class Walk:
    """One walk; `demo` is the e-mail of the demo's user."""

    def __init__(self, site: Site, demo: str) -> None:
        self._site = site
        self._demo = demo
        self._clocks = Clocks()

    def findings(self) -> list[Finding]:
        """All hops, in the order of the path."""
        before = self._site.before()
        if first_broken(before):
            return before
        hops: Sequence[Callable[[], list[Finding]]] = (
            lambda: self._service("rabbitmq", lambda _: [], self._only_pods),
            lambda: self._service("auth", self._users),
            lambda: self._service("gateway", self._files),
            lambda: queues(self._site),
            lambda: self._service("converter", self._tmp),
            lambda: self._service("notification", self._mail),
            self._site.after,
        )
        with ThreadPoolExecutor(len(hops)) as pool:
            walked = [pool.submit(hop) for hop in hops]
            found = [finding for each in walked for finding in each.result()]
        return [*before, *found, self._clocks.compared()]

    def _service(
        self,
        service: str,
        more: Callable[[Member], list[Finding]],
        look: Callable[[Member], list[str]] | None = None,
    ) -> list[Finding]:
        """What is wrong with a service's members; else what `more` finds by one that is ready."""
        members, problems = self._site.members(service)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            reasons = list(pool.map(look or self._look, members))
        found = problems + self._diagnosed(service, [r for each in reasons for r in each], members)
        ready = [m for m, each in zip(members, reasons, strict=True) if not each]
        if ready:
            found += more(ready[0])
        if any(each.level is not Level.OK for each in found) or not ready:
            return found
        return [ok(service, f"{len(ready)} ready"), *found]

    def _diagnosed(
        self, service: str, reasons: Sequence[str], members: Sequence[Member]
    ) -> list[Finding]:
        """One finding for each kind of reason; it says how many of the members have it."""
        kinds: dict[str, list[str]] = {}
        for reason in reasons:
            kind = diagnose(service, reason, self._site.mend).summary
            kinds.setdefault(kind, []).append(reason)
        return [
            self._site.why_cut(service, same[0])
            or diagnose(service, same[0], self._site.mend, f", say {len(same)} of {len(members)}")
            for same in kinds.values()
        ]

    def _look(self, member: Member) -> list[str]:
        """Why it is not ready, a line for each reason; its clock is noted on the way."""
        try:
            before = time.time()
            answer = self._site.run(member, ["bash", "-c", LOOK.format(port=member.health)])
        except SiteError as error:
            return [f"no answer to probes: {error}"]
        clock, _, body = answer.partition("\n")
        self._clocks.note(member.name, float(clock), before)
        if not body:
            return ["no answer to probes: the process is stuck"]
        return [line for line in body.splitlines() if line != "ok"]

    def _only_pods(self, member: Member) -> list[str]:
        try:
            before = time.time()
            self._clocks.note(
                member.name, float(self._site.run(member, ["date", "+%s.%N"])), before
            )
        except SiteError as error:
            return [f"no answer to commands: {error}"]
        return []

    def _users(self, member: Member) -> list[Finding]:
        answer = self._checkup(member, self._demo)
        if "problem" in answer:
            return [diagnose("auth", answer["problem"], self._site.mend)]
        self._clocks.note("MySQL", answer["time"], time.time())
        if answer["user"]:
            return []
        return [
            warning(
                "auth",
                "the demo's user is not there",
                f"no row with the email {self._demo} in the table user",
                "it, for the tutorial's commands and the demo; nothing else needs it",
                self._site.mend["demo"],
            )
        ]

    def _files(self, member: Member) -> list[Finding]:
        answer = self._checkup(member)
        if "problem" in answer:
            return [diagnose("gateway", answer["problem"], self._site.mend)]
        self._clocks.note("MongoDB", answer["time"], time.time())
        return full("gateway", "MongoDB's disk", answer["disk"], self._site.mend["mongodb_disk"])

    def _tmp(self, member: Member) -> list[Finding]:
        try:
            share = float(self._site.run(member, ["bash", "-c", TMP]).strip().rstrip("%")) / 100
        except (SiteError, ValueError) as error:
            return [diagnose("converter", f"no answer to df: {error}", self._site.mend)]
        return full("converter", "the disk of its temporary files", share, self._site.mend["tmp"])

    def _mail(self, member: Member) -> list[Finding]:
        problem = self._checkup(member).get("problem")
        return [diagnose("notification", problem, self._site.mend)] if problem else []

    def _checkup(self, member: Member, *arguments: str) -> Mapping[str, Any]:
        try:
            answer = self._site.run(member, ["python", "checkup.py", *arguments])
            found: Mapping[str, Any] = json.loads(answer)
        except (SiteError, ValueError) as error:
            return {"problem": f"checkup: {error}"}
        return found
