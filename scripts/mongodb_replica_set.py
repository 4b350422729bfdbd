#!/usr/bin/env python3
"""Make one replica set of MongoDB's members, unless they are one already."""

import argparse
import sys

import pymongo
from pymongo.errors import OperationFailure, PyMongoError

TIMEOUT_MS = 10_000
NOT_YET_INITIALIZED = 94  # MongoDB's error_codes.yml
ELECTION_MS = 5000  # a primary that is silent for so long is replaced; 10,000 by default
HEARTBEAT_S = 1  # 2 by default


def client(member: str) -> pymongo.MongoClient[dict[str, object]]:
    """Of this one member, whatever the others do."""
    return pymongo.MongoClient(member, directConnection=True, timeoutMS=TIMEOUT_MS)


def is_in_a_set(member: str) -> bool:
    """Whether it belongs to a set already."""
    with client(member) as connected:
        try:
            connected.admin.command("replSetGetStatus")
        except OperationFailure as error:
            if error.code == NOT_YET_INITIALIZED:
                return False
            raise
    return True


def configuration(name: str, members: list[str]) -> dict[str, object]:
    """What replSetInitiate takes."""
    return {
        "_id": name,
        "members": [{"_id": number, "host": host} for number, host in enumerate(members)],
        "settings": {
            "electionTimeoutMillis": ELECTION_MS,
            "heartbeatIntervalMillis": HEARTBEAT_S * 1000,
        },
    }


def main() -> None:
    """Exit code 1: a member did not answer, or refused."""
    parser = argparse.ArgumentParser(prog="mongodb_replica_set.py", description=__doc__)
    parser.add_argument("name", help="of the set, as its members' --replSet")
    parser.add_argument("members", nargs="+", metavar="HOST:PORT")
    options = parser.parse_args()
    try:
        # One that is in none beside others in one has lost its disk: they take it in again.
        if any([is_in_a_set(member) for member in options.members]):
            return
        with client(options.members[0]) as connected:
            wanted = configuration(options.name, options.members)
            connected.admin.command("replSetInitiate", wanted)
    except PyMongoError as error:
        sys.exit(f"mongodb_replica_set.py: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
