"""The queues: there, of the right kind, taken from, and nothing dead in them."""

import json
from collections.abc import Mapping
from typing import Any

from scripts.doctor.finding import Finding, broken, ok, warning
from scripts.doctor.site import Site, SiteError

COLUMNS = ("name", "type", "policy", "messages", "consumers")
CONSUMERS = {"video": "converter", "mp3": "notification"}
POLICY = "jobs"
SHOWN = "3"  # dead messages

Queue = Mapping[str, Any]


def queues(site: Site) -> list[Finding]:
    """What is wrong with the broker and its queues; one that is well when nothing is."""
    try:
        alarms = json.loads(site.broker("rabbitmqctl", "status", "--formatter", "json"))["alarms"]
        listed = json.loads(
            site.broker("rabbitmqctl", "list_queues", *COLUMNS, "--formatter", "json")
        )
        there = {queue["name"]: queue for queue in listed}
        paused = _paused(site)
        idle = _idle(site, {name: queue for name, queue in there.items() if name not in paused})
        found = _alarms(site, alarms) + _missing(site, there) + idle
        found += [_told_of_pause(site, there.get(name, {}), name) for name in paused]
        found += _dead(site, there.get("dead", {}))
    except (SiteError, ValueError) as error:
        return [_silent(site, str(error))]
    waiting = ", ".join(f"{name}: {queue['messages']}" for name, queue in there.items())
    return found or [ok("queues", f"messages in {waiting}; no alarm")]


def _paused(site: Site) -> list[str]:
    """The queues that an operator has paused; broker/queue says how that is kept."""
    listed = site.broker("rabbitmqctl", "list_exchanges", "name", "--formatter", "json")
    exchanges = {exchange["name"] for exchange in json.loads(listed)}
    return [name for name in CONSUMERS if f"paused-{name}" in exchanges]


def _told_of_pause(site: Site, queue: Queue, name: str) -> Finding:
    return warning(
        "queues",
        f"an operator has paused {name}",
        f"{queue.get('messages', 0)} messages wait in it",
        "nothing, if it is still meant",
        site.mend["resume"].format(queue=name),
    )


def _silent(site: Site, reason: str) -> Finding:
    return broken(
        "queues",
        "RabbitMQ's own tools get no answer",
        reason,
        "a RabbitMQ that runs",
        site.mend["broker"],
    )


def _alarms(site: Site, alarms: object) -> list[Finding]:
    if not alarms:
        return []
    text = json.dumps(alarms)
    kind = "memory" if "memory" in text else "disk"
    return [
        broken(
            "queues",
            f"RabbitMQ is out of {kind} and takes no messages",
            f"alarms: {text}",
            f"{kind} above its limit",
            site.mend[f"broker_{kind}"],
        )
    ]


def _missing(site: Site, there: Mapping[str, Queue]) -> list[Finding]:
    found = []
    for name in (*CONSUMERS, "dead"):
        queue, policy = there.get(name), POLICY if name in CONSUMERS else ""
        if queue is None:
            found.append(_wrong(site, f"the queue {name} is missing", "no such queue", "queues"))
        elif queue["type"] != "quorum":
            said = f"{name} is of the type {queue['type']}"
            found.append(_wrong(site, f"the queue {name} is no quorum queue", said, "type", name))
        elif (queue["policy"] or "") != policy:
            said = f"its policy is {queue['policy'] or 'none'}"
            summary = f"the queue {name} is without its policy"
            found.append(_wrong(site, summary, said, "queues"))
    return found


def _wrong(site: Site, summary: str, found: str, mend: str, queue: str = "") -> Finding:
    needed = "video, mp3 and dead as quorum queues, the first two with the policy jobs"
    return broken("queues", summary, found, needed, site.mend[mend].format(queue=queue))


def _idle(site: Site, there: Mapping[str, Queue]) -> list[Finding]:
    return [
        broken(
            "queues",
            f"jobs wait in {name}, and nobody takes them",
            f"{there[name]['messages']} messages, 0 consumers",
            f"a {service} that runs and is ready",
            site.mend["workers"].format(service=service),
        )
        for name, service in CONSUMERS.items()
        if name in there and there[name]["messages"] and not there[name]["consumers"]
    ]


def _dead(site: Site, queue: Queue) -> list[Finding]:
    if not queue.get("messages"):
        return []
    listed = site.broker("dead", "list", "--count", SHOWN).splitlines()[1:]
    reasons = sorted({line.split("\t")[2] for line in listed if line.count("\t") >= 2})
    return [
        warning(
            "queues",
            f"{queue['messages']} messages are dead: {', '.join(reasons)}",
            listed[0].replace("\t", " ") if listed else "",
            "a look at each: what is mended may go back to its queue",
            site.mend["dead"],
        )
    ]
