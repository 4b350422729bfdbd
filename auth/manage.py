#!/usr/bin/env python3
"""Users, for the operator: kubectl exec deployment/auth -- users add|invite|passwd|disable|…."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from getpass import getpass

from flask import Flask

import code_mails
import passwords
from codes import Codes
from mysql import MySqlServer
from servicekit.accounts.message import Purpose
from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError
from servicekit.mail_address import mail_address
from servicekit.settings import Env, SettingsError
from settings import CLOSED, INVITATION, CodeSettings, MySqlSettings, TokenSettings
from users import User, Users


class RefusedError(Exception):
    """Nothing is changed; the text says why."""


@dataclass(frozen=True)
class Office:
    """What the commands need."""

    users: Users
    codes: Codes
    settings: CodeSettings
    broker: BrokerSettings


def add(office: Office, email: str) -> str:
    """Make a user; the password is typed, or the first line of standard input."""
    _check_address(email)
    if not office.users.add(User(email, _new_password())):
        raise RefusedError(f"{email} is a user already")
    return f"{email} is added\n"


def invite(office: Office, email: str) -> str:
    """Mail somebody a link, to choose the password of a new account."""
    if office.settings.registration == CLOSED:
        raise RefusedError(f"registration is closed; REGISTRATION={INVITATION} opens it to guests")
    _check_address(email)
    if office.users.find(email):
        raise RefusedError(f"{email} is a user already")
    lifetime = office.settings.invitation_lifetime
    message = office.codes.message(email, None, Purpose.INVITATION, lifetime)
    code_mails.queue(office.broker, message)
    return f"{email} is invited\n"


def passwd(office: Office, email: str) -> str:
    """Give a user another password, in the same way; every token of the user is over."""
    user = _found(office, email)
    _replace(office, user, _new_password())
    return f"{user.email} has another password\n"


def disable(office: Office, email: str) -> str:
    """Let nobody log in as the user; every token is over."""
    user = _found(office, email)
    if not passwords.is_disabled(user.password):
        _replace(office, user, passwords.DISABLED + user.password)
    return f"{user.email} is disabled\n"


def enable(office: Office, email: str) -> str:
    """Let a user in again who was disabled, by the same password."""
    user = _found(office, email)
    _replace(office, user, user.password.removeprefix(passwords.DISABLED))
    return f"{user.email} is enabled\n"


def show(office: Office) -> str:
    """Print every user, and who is disabled."""
    return "".join(f"{user.email}\t{_state(user)}\n" for user in office.users.all())


def _state(user: User) -> str:
    return "disabled" if passwords.is_disabled(user.password) else "active"


def _check_address(email: str) -> None:
    try:
        mail_address(email)
    except ValueError as error:
        raise RefusedError(f"{email} is not a mail address") from error


def _found(office: Office, email: str) -> User:
    user = office.users.find(email)
    if user is None:
        raise RefusedError(f"{email} is no user")
    return user


def _replace(office: Office, user: User, stored: str) -> None:
    if office.users.change_password(user, stored) is None:
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
    about_one: tuple[Callable[[Office, str], str], ...] = (add, invite, passwd, disable, enable)
    for run in about_one:
        made = commands.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
        made.add_argument("email", metavar="EMAIL")
        made.set_defaults(run=run)
    made = commands.add_parser("list", help=show.__doc__, description=show.__doc__)
    made.set_defaults(run=show)
    return parser.parse_args()


def _office(app: Flask, env: Env) -> Office:
    """SettingsError when one is missing or bad."""
    mysql, tokens = MySqlSettings.read(env), TokenSettings.read(env)
    settings, broker = CodeSettings.read(env), BrokerSettings.read(env)
    env.check()
    return Office(Users(app, MySqlServer(mysql), mysql), Codes(tokens), settings, broker)


def main() -> None:
    """Exit code 1, with the reason: nothing is changed."""
    options = vars(_options())
    run = options.pop("run")
    app = Flask("users")
    try:
        office = _office(app, Env(os.environ))
        with app.app_context():
            said = run(office, **options)
    except (SettingsError, RefusedError, UnavailableError) as error:
        sys.exit(f"users: {error}")
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
