#!/usr/bin/env python3
"""Users, for the operator: kubectl exec deployment/auth -- users add|passwd|disable|enable|list."""

import argparse
import os
import sys
from collections.abc import Callable
from getpass import getpass

from flask import Flask

import passwords
from mysql import MySqlServer
from servicekit.errors import UnavailableError
from servicekit.mail_address import mail_address
from servicekit.settings import Env, SettingsError
from settings import MySqlSettings
from users import User, Users


class RefusedError(Exception):
    """Nothing is changed; the text says why."""


def add(users: Users, options: argparse.Namespace) -> str:
    """A new user."""
    try:
        mail_address(options.email)
    except ValueError as error:
        raise RefusedError(f"{options.email} is not a mail address") from error
    if not users.add(User(options.email, _new_password())):
        raise RefusedError(f"{options.email} is a user already")
    return f"{options.email} is added\n"


def passwd(users: Users, options: argparse.Namespace) -> str:
    """Another password for a user, whose tokens are over then; who was disabled is not any more."""
    user = _found(users, options.email)
    _replace(users, user, _new_password())
    return f"{user.email} has another password\n"


def disable(users: Users, options: argparse.Namespace) -> str:
    """Nobody logs in as the user, and every token is over, until `enable`."""
    user = _found(users, options.email)
    if not passwords.is_disabled(user.password):
        _replace(users, user, passwords.DISABLED + user.password)
    return f"{user.email} is disabled\n"


def enable(users: Users, options: argparse.Namespace) -> str:
    """The password is what it was."""
    user = _found(users, options.email)
    _replace(users, user, user.password.removeprefix(passwords.DISABLED))
    return f"{user.email} is enabled\n"


def show(users: Users, _: argparse.Namespace) -> str:
    """Each user on a line, with `active` or `disabled`."""
    return "".join(f"{user.email}\t{_state(user)}\n" for user in users.all())


def _state(user: User) -> str:
    return "disabled" if passwords.is_disabled(user.password) else "active"


def _found(users: Users, email: str) -> User:
    user = users.find(email)
    if user is None:
        raise RefusedError(f"{email} is no user")
    return user


def _replace(users: Users, user: User, stored: str) -> None:
    users.replace_password(user, stored)
    if _found(users, user.email).password != stored:
        raise RefusedError(f"{user.email} was changed by somebody else meanwhile")


def _new_password() -> str:
    """As it is stored, of what is typed, or comes on standard input."""
    typed = getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline()
    password = typed.rstrip("\r\n")
    if not password:
        raise RefusedError("no password came; kubectl passes it on with exec -i, or -it to type it")
    if reason := passwords.refusal(password):
        raise RefusedError(reason)
    return passwords.hashed(password)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="users", description="Users, for the operator.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[Users, argparse.Namespace], str], text: str) -> None:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        if run is not show:
            made.add_argument("email", metavar="EMAIL")
        if run in (add, passwd):
            of_input = (
                "take the password from standard input, instead of making one and printing it"
            )
            made.add_argument("--stdin", action="store_true", help=of_input)

    command("add", add, "make a user; the password is typed, or the first line of standard input")
    command(
        "passwd",
        passwd,
        "give a user another password, in the same way; every token of the user is over",
    )
    command("disable", disable, "let nobody log in as the user; every token is over")
    command("enable", enable, "let a user in again who was disabled")
    command("list", show, "print every user, and who is disabled")
    return parser.parse_args()


def main() -> None:
    """Exit code 1, with the reason: nothing is changed."""
    options = _options()
    env = Env(os.environ)
    settings = MySqlSettings.read(env)
    try:
        env.check()
        app = Flask("users")
        with app.app_context():
            said = options.run(Users(app, MySqlServer(settings), settings), options)
    except (SettingsError, RefusedError, UnavailableError) as error:
        sys.exit(f"users: {error}")
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
