#!/usr/bin/env python3
"""Webhooks, for the operator: kubectl exec deployment/notification -- webhooks dead|replay …."""

import argparse
import os
import sys
from urllib.parse import urlsplit

from pymongo.errors import PyMongoError

from servicekit.gridfs.mongodb import MongoSettings, connect
from servicekit.settings import Env, SettingsError
from servicekit.webhooks.deliveries import Deliveries


def dead(deliveries: Deliveries, which: dict[str, str]) -> str:
    """Those that were given up, one a line: id, user, job, host and how the last attempt ended."""
    rows = (
        (one.id, one.username, one.job_id, urlsplit(one.url).hostname or "", one.outcome or "")
        for one in deliveries.dead(**which)
    )
    return "".join("\t".join(row) + "\n" for row in rows)


def replay(deliveries: Deliveries, which: dict[str, str]) -> str:
    """Have them sent again, as if for the first time, with the ids that they had."""
    return f"{deliveries.replay(**which)} webhooks are sent again\n"


def main() -> None:
    """Exit code 1: MongoDB did not answer, or refused."""
    parser = argparse.ArgumentParser(prog="webhooks", description="Webhooks that were given up.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (dead, replay):
        one = commands.add_parser(command.__name__, help=command.__doc__)
        one.set_defaults(run=command)
        group = one.add_mutually_exclusive_group(required=command is replay)
        group.add_argument("--user", help="those of this user")
        group.add_argument("--id", help="the one with this webhook-id")
        group.add_argument("--all", action="store_true", help="all of them")
    options = parser.parse_args()
    chosen = {"username": options.user, "webhook_id": options.id}
    which = {name: value for name, value in chosen.items() if value}
    try:
        env = Env(os.environ)
        settings = MongoSettings.read(env)
        env.check()
        with connect(settings) as client:
            sys.stdout.write(options.run(Deliveries(client), which))
    except (SettingsError, PyMongoError) as error:
        sys.exit(f"webhooks: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
