"""MongoDB as a replica set of several members of a test's own, which may be killed."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pymongo

from tests.support.closing import Closing
from tests.support.mongod import Mongod
from tests.support.place import Place
from tests.support.project import ROOT
from tests.support.stack import Stack
from tests.support.wait import eventually, until

NAME = "video2mp3"
TIMEOUT = 60  # seconds


class ReplicaSet(Closing):
    """A context manager: the members are one set, as scripts/mongodb_replica_set.py makes it."""

    def __init__(self, stack: Stack, folder: Path, places: Sequence[Place]) -> None:
        self.members = []
        for place in places:
            data = folder / place.name
            data.mkdir(parents=True)
            self.members.append(Mongod(stack, data, place, "--replSet", NAME))
        self._join()

    def close(self) -> None:
        """Kill all."""
        for member in self.members:
            member.close()

    @property
    def uri(self) -> str:
        """Of all members, as the cluster's services have it."""
        hosts = ",".join(member.address for member in self.members)
        return f"mongodb://{hosts}/?replicaSet={NAME}&w=majority&retryWrites=true&retryReads=true"

    def primary(self) -> Mongod:
        """The member that is written to; PyMongoError while there is none."""
        with pymongo.MongoClient[dict[str, object]](self.uri, timeoutMS=10_000) as client:
            name = client.admin.command("hello")["primary"]
        return next(member for member in self.members if member.address == name)

    def primary_uri(self) -> str:
        """Of the primary alone, for a relay before it."""
        return f"{self.primary().uri}/?directConnection=true&w=majority"

    def wait_until_whole(self) -> None:
        """Return once there is a primary and all others follow it."""
        wanted = ["PRIMARY", *["SECONDARY"] * (len(self.members) - 1)]
        until(lambda: self._states() == wanted, "a whole replica set", TIMEOUT)

    def _states(self) -> list[str]:
        with pymongo.MongoClient[dict[str, object]](self.uri, timeoutMS=10_000) as client:
            try:
                found = client.admin.command("replSetGetStatus")["members"]
            except pymongo.errors.PyMongoError:
                return []
        return sorted(member["stateStr"] for member in found)

    def _join(self) -> None:
        program = ROOT / "scripts/mongodb_replica_set.py"
        addresses = [member.address for member in self.members]
        subprocess.run([sys.executable, program, NAME, *addresses], check=True, timeout=TIMEOUT)
        eventually(self.primary, TIMEOUT)
        self.wait_until_whole()
