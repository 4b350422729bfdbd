"""The routes by which a user chooses a password: by the one before, or by a code from a mail."""

import logging

from flask import Blueprint, Response, request

import passwords
from codes import BadCodeError
from door import Door, needed, sent_address
from servicekit.http.errors import RefusedError
from servicekit.http.form import short_form
from servicekit.http.problem import Code
from settings import CLOSED
from users import User

log = logging.getLogger(__name__)


def blueprint(door: Door) -> Blueprint:
    """All of them."""
    routes = Blueprint("password", __name__)

    @routes.post("/password/forgotten")
    def forgotten() -> Response:
        """Mail a code to the user of an address, if there is one, which the answer does not say."""
        needed(door.mails).ask(sent_address(), door.source(), register=False)
        return Response(status=202)

    @routes.post("/password")
    def password() -> Response:
        """Choose one, and end every token of the user."""
        door.needs_sessions()
        if request.authorization is None and _code():
            email, user = _of_code(door)
        else:
            user = door.login().user
            email = user.email
        stored = _stored()
        changed = _replace(door, user, stored) if user else _add(door, User(email, stored))
        door.sessions.end(changed)
        what = "changed the password" if user else "registered"
        log.info("%s %s from %s", email, what, door.source())
        return Response(status=204)

    return routes


def _of_code(door: Door) -> tuple[str, User | None]:
    """Whose code it is; there is no user yet of one that is for a new account."""
    try:
        email, user = door.codes.read(_code(), door.users.find)
    except BadCodeError as error:
        raise RefusedError("This code is not good any more", 410, Code.CODE_ENDED) from error
    if user is None and door.registration == CLOSED:
        raise RefusedError("Registration is closed", 403, Code.REGISTRATION_CLOSED)
    return email, user


def _replace(door: Door, user: User, stored: str) -> User:
    changed = door.users.change_password(user, stored)
    if changed is None:
        raise RefusedError("The password was changed by somebody else meanwhile", 409)
    return changed


def _add(door: Door, user: User) -> User:
    if not door.users.add(user):
        raise RefusedError("There is an account of this address already", 409, Code.ACCOUNT_EXISTS)
    return user


def _code() -> str:
    return short_form().get("code", "")


def _stored() -> str:
    """What the new password is stored as."""
    new = short_form().get("password", "")
    if reason := passwords.refusal(new):
        raise RefusedError(reason, 400, Code.PASSWORD_REFUSED)
    return passwords.hashed(new)
