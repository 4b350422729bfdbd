"""./doctor.sh on the node: a fault is planted, named within a minute, and mended.

Few of the plants by default, since each costs half a minute; all of them with PLANTS=all.
"""

import json
import os
import re
import subprocess
import time
from typing import Any

import pytest

from tests.cluster.plants import DEPLOY, PLANTS, mended_by
from tests.support import cluster
from tests.support.log import say
from tests.support.project import ROOT
from tests.support.wait import until

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("demo")]

NAMED_WITHIN = 60.0  # seconds, the fault's own time to become one included


def walk(*options: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and what the doctor has to say besides what is well."""
    done = subprocess.run(
        [ROOT / "doctor.sh", "--json", *options],
        capture_output=True,
        text=True,
        timeout=cluster.TIMEOUT,
        check=False,
    )
    findings = json.loads(done.stdout)["findings"]
    return done.returncode, [each for each in findings if each["level"] != "ok"]


SHORT = ("no-policy", "port-80-taken")
CHOSEN = PLANTS if os.environ.get("PLANTS") == "all" else SHORT


@pytest.mark.parametrize("name", CHOSEN)
def test_the_doctor_names_a_fault_within_a_minute(name: str) -> None:
    planted, hop, summary, following = PLANTS[name]
    begun = time.monotonic()
    with planted():
        (found,) = until(lambda: _named(hop, summary), f"{name} is named", NAMED_WITHIN)
        say(f"{name}: {time.monotonic() - begun:.0f} s: {found['hop']}: {found['summary']}")
        assert following in found["next"]
        assert found["found"]
        assert found["needed"]


def _named(hop: str, summary: str) -> list[dict[str, Any]]:
    """What is said of it, if that is the first of all that is not well."""
    first = walk()[1][:1]
    return [each for each in first if each["hop"] == hop and summary in each["summary"]]


def test_the_doctor_says_that_all_is_well() -> None:
    assert until(lambda: walk() == (0, []), "all is well", 60)


def test_a_deploy_with_a_wrong_password_fails_as_soon_as_that_is_known(host: str) -> None:
    begun = time.monotonic()
    with mended_by(DEPLOY):
        failed = subprocess.run(
            ["bash", "-c", "MYSQL_PASSWORD=wrong ./deploy.sh"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=cluster.DEPLOY_TIMEOUT,
            check=False,
        )
        took = time.monotonic() - begun
    assert failed.returncode == 1
    assert "MySQL refuses the login of auth_user" in failed.stderr
    assert re.search(r"Next: .*\./setup-host\.sh", failed.stderr), failed.stderr
    assert took < 150, failed.stderr  # five minutes of patience, without the doctor
