"""Who sent a request to auth, by a password, a token or an API key; and from where."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from flask import request

from code_mails import CodeMails
from codes import Codes
from keys import PREFIX, Keys
from logins import Login, Logins
from servicekit.http.errors import RefusedError, unauthorized
from servicekit.http.form import short_form
from servicekit.http.problem import Code
from servicekit.http.source import Proxies, source
from servicekit.mail_address import mail_address
from sessions import Sessions
from tokens import Claims, InvalidTokenError, Named
from users import User, Users

T = TypeVar("T")


@dataclass(frozen=True)
class Door:
    """What the routes need; there are no keys and no mails without auth's own database.

    Its methods raise RefusedError where the credentials are not good, and UnavailableError.
    """

    users: Users
    logins: Logins
    sessions: Sessions
    keys: Keys | None
    codes: Codes
    mails: CodeMails | None
    registration: str
    proxies: Proxies

    def login(self) -> Login:
        """Who sent the request, by Basic credentials."""
        credentials = request.authorization
        if not credentials or not credentials.username or not credentials.password:
            raise unauthorized("Basic")
        return self.logins.check(credentials.username, credentials.password, self.source())

    def source(self) -> str:
        """Where the request comes from."""
        return source(self.proxies.client(request))

    def named(self) -> Named:
        """Who sent the request, by a token or an API key."""
        sent = _bearer()
        with _invalid_is_unauthorized():
            if self.keys and sent.startswith(PREFIX):
                return self.keys.named(sent)
            return self.sessions.lately(sent)

    def claims(self) -> Claims:
        """Who sent the request, by a token: an API key is not enough."""
        sent = _bearer()
        if sent.startswith(PREFIX):
            raise RefusedError("An API key is not enough for this: log in", 403, Code.LOGIN_NEEDED)
        with _invalid_is_unauthorized():
            return self.sessions.claims(sent)

    def user(self, named: Named) -> User:
        """The user's row."""
        user = self.users.find(named["username"])
        if user is None:
            raise unauthorized("Bearer")
        return user

    def needs_sessions(self) -> None:
        """RefusedError, a 501, where no end of a session can be noted."""
        needed(self.sessions if self.sessions.can_end() else None)


def needed(part: T | None) -> T:
    """A part that auth has with a database of its own; RefusedError, a 501, without."""
    if part is None:
        raise RefusedError("Not Implemented", 501)
    return part


def sent_address() -> str:
    """The address in the request's form; RefusedError when it is none."""
    email = short_form().get("email", "").strip()
    try:
        mail_address(email)
    except ValueError as error:
        raise RefusedError("email must be a mail address") from error
    return email


@contextmanager
def _invalid_is_unauthorized() -> Iterator[None]:
    try:
        yield
    except InvalidTokenError as error:
        raise unauthorized("Bearer") from error


def _bearer() -> str:
    credentials = request.authorization
    if not credentials or credentials.type != "bearer" or not credentials.token:
        raise unauthorized("Bearer")
    return credentials.token
