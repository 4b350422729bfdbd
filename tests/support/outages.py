"""Outages of a broker that rabbitmqctl brings about and ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.support.wait import until

RabbitMqCtl = Callable[..., str]


@contextmanager
def application_stopped(rabbitmqctl: RabbitMqCtl) -> Iterator[None]:
    """The broker's node runs, the broker does not."""
    rabbitmqctl("stop_app")
    try:
        yield
    finally:
        rabbitmqctl("start_app")


@contextmanager
def memory_alarm(rabbitmqctl: RabbitMqCtl, watermark: str) -> Iterator[None]:
    """The broker is over its memory limit and blocks publishers; `watermark` is its usual limit."""
    rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1")
    try:
        until(lambda: "memory" in _alarms(rabbitmqctl), "the alarm")
        yield
    finally:
        rabbitmqctl("set_vm_memory_high_watermark", watermark)
        until(lambda: "memory" not in _alarms(rabbitmqctl), "the end of the alarm")


def _alarms(rabbitmqctl: RabbitMqCtl) -> str:
    report = rabbitmqctl("status")
    return report.partition("Alarms")[2].partition("\n\n")[2].partition("\n\n")[0].lower()
