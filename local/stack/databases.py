"""local/databases up: MariaDB and mongod alone, for a cluster on this machine."""

import os
import re
import sys

import pymongo
from pymongo.errors import PyMongoError

from local.stack import configure, servers, supervise
from local.stack.paths import Paths, replace
from local.stack.report import run_command
from local.stack.seed import seed_problem
from local.stack.settings import Settings
from local.stack.wait import wait_ready

MYSQL_PORT, MONGODB_PORT = 3306, 27017  # those that the manifests name
PROGRAMS = ("mariadb", "mongod")
MONGODB_AUTH = "--auth"
PING_TIMEOUT_MS = 2000


def prepare(settings: Settings, address: str) -> None:
    """Write what the two servers and the supervisor read; Failure if a port is taken."""
    paths, taken = settings.paths, servers.listeners()
    values = configure.template_values(settings) | {
        "MYSQL_PORT": str(MYSQL_PORT),
        "MYSQL_BIND": servers.bind_addresses(address, MYSQL_PORT, taken),
        "MYSQL_TLS": "",
        "MONGODB_PORT": str(MONGODB_PORT),
        "MONGODB_BIND": servers.bind_addresses(address, MONGODB_PORT, taken),
        "MONGODB_AUTH": MONGODB_AUTH if asks_for_users() else "",
    }
    text = configure.render(paths.root / "local/supervisord.conf", values)
    replace(supervise.configuration(paths), only_programs(text, PROGRAMS))
    servers.prepare_mariadb(paths)


def asks_for_users() -> bool:
    """Whether mongod is to let in nobody but its users, which must be there already."""
    return os.environ.get("MONGODB_AUTH") == "yes"


def is_to_be_secured(paths: Paths) -> bool:
    """Whether a mongod runs that lets in everybody, against what is wanted."""
    runs = supervise.is_up(paths)
    return (
        runs and asks_for_users() and MONGODB_AUTH not in supervise.configuration(paths).read_text()
    )


def only_programs(configuration: str, names: tuple[str, ...]) -> str:
    """The supervisor's configuration without the other programs."""
    sections = re.split(r"^(?=\[)", configuration, flags=re.MULTILINE)
    kept = tuple(f"[program:{name}]" for name in names)
    return "".join(s for s in sections if not s.startswith("[program:") or s.startswith(kept))


def ping_problem(address: str) -> str:
    """Why mongod does not answer on `address`."""
    try:
        with pymongo.MongoClient[dict[str, object]](
            address, MONGODB_PORT, timeoutMS=PING_TIMEOUT_MS
        ) as client:
            client.admin.command("ping")
    except PyMongoError as error:
        return str(error)
    return ""


def main() -> None:
    """Start the two servers, wait for them, and let in this machine and the address's network."""
    address = sys.argv[1]
    settings = Settings.read(os.environ)
    paths, timeout = settings.paths, settings.ready_timeout
    os.umask(0o077)
    paths.make()
    servers.install_mongod(paths)
    configure.make_secrets(settings)
    if is_to_be_secured(paths):
        supervise.stop(paths)
    if not supervise.is_up(paths):
        supervise.stop_orphans(paths)
        prepare(settings, address)
        supervise.start(paths)
    hosts = [f"{address.rpartition('.')[0]}.%", "127.0.0.1", "localhost"]
    wait_ready(paths, "mariadb", lambda: seed_problem(settings, hosts), timeout)
    wait_ready(paths, "mongod", lambda: ping_problem(address), timeout)


if __name__ == "__main__":
    run_command(main)
