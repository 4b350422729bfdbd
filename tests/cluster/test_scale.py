"""Converters come and go under load, and no user notices anything of it."""

from pathlib import Path

import pytest

from tests.cluster.conftest import Jobs
from tests.support.client import Client
from tests.support.cluster import kubectl, rabbitmqctl
from tests.support.load import Load
from tests.support.wait import until

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("ready_again")]


def scale(converters: int) -> None:
    """Return once so many converters take jobs, and no other."""
    kubectl("scale", "deployment", "converter", f"--replicas={converters}")
    until(lambda: _consumers() == converters, f"{converters} converters consume", 120)


def _consumers() -> int:
    lines = rabbitmqctl("--quiet", "list_queues", "name", "consumers").splitlines()
    (count,) = (line.split("\t")[1] for line in lines if line.startswith("video\t"))
    return int(count)


def test_converters_scaled_from_one_to_eight_to_one_to_four_under_load_lose_no_job_and_double_none(
    user: Client, jobs: Jobs, video: Path
) -> None:
    scale(1)
    with Load(user, {"good": video}, threads=3) as load:  # about what one converter gets done
        for converters in (8, 1, 4):
            load.wait_for_more(10)
            scale(converters)
        load.wait_for_more(10)
    assert load.refused == 0
    jobs.settle(list(load.accepted))
