"""local/ctl: become the tool that a command is for."""

import os
import sys

from local.stack.configure import ADMIN, addresses, rabbitmq_url, user_name
from local.stack.report import Failure, run_command
from local.stack.settings import Settings
from local.stack.supervise import client, is_up


def tool(
    settings: Settings, command: str, arguments: list[str]
) -> tuple[list[str], dict[str, str]]:
    """The command line to run and the variables it needs; Failure if the stack must be up first."""
    paths = settings.paths
    if command.startswith("rabbitmq"):
        ports = {
            name: str(settings.ports[name]) for name in ("EPMD_PORT", "AMQP_PORT", "DIST_PORT")
        }
        run = str(paths.root / "local/rabbitmq/run")
        return [run, command, *arguments], {"LOCAL_DIR": str(paths.folder)} | ports
    if command == "doctor":
        doctor = [str(paths.venv / "bin/python"), "-P", "-m", "scripts.doctor", "--local"]
        return [*doctor, *arguments], {"PYTHONPATH": str(paths.root)}
    if command in ("dead", "queue"):
        program = [str(paths.venv / "bin/python"), str(paths.root / "broker" / command)]
        return [*program, *arguments], {"RABBITMQ_URL": rabbitmq_url(settings, ADMIN)}
    if command == "users":
        program = [str(paths.venv / "bin/python"), str(paths.root / "auth/manage.py")]
        secret = {"JWT_SECRET_FILE": str(paths.secrets / "jwt_secret")}
        return [*program, *arguments], data_access(settings) | secret
    if command == "webhooks":
        program = [str(paths.venv / "bin/python"), str(paths.root / "notification/manage.py")]
        return [*program, *arguments], data_access(settings)
    if command in ("backup", "restore"):
        return [str(paths.root / f"{command}.sh"), "--local", *arguments], data_access(settings)
    if command == "mysql":
        login = [f"--user={user_name()}", f"--socket={paths.run}/mariadb.sock"]
        return ["mariadb", "--no-defaults", *login, "auth", *arguments], {}
    if not is_up(paths):
        raise Failure("the stack is not up", "it was stopped, or never started", "local/up")
    return [*client(paths), command, *arguments], {}


def data_access(settings: Settings) -> dict[str, str]:
    """What auth and GridFS are reached with, and the Python that has their drivers."""
    paths = settings.paths
    return {name: str(value) for name, value in addresses(settings).items()} | {
        "ACCOUNTS_PASSWORD_FILE": str(paths.secrets / "accounts_password"),
        "PYTHONPATH": str(paths.root),
        "PATH": f"{paths.venv}/bin:{os.environ['PATH']}",
    }


def main() -> None:
    """Replace this process by the tool."""
    settings = Settings.read(os.environ)
    command, variables = tool(settings, sys.argv[1], sys.argv[2:])
    os.execvpe(command[0], command, os.environ | variables)  # noqa: S606 the tool's own exit code


if __name__ == "__main__":
    run_command(main)
