"""The routes of the auth service."""

import logging
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request

import passwords
from logins import Login, Logins
from servicekit.http.errors import RefusedError, unauthorized
from servicekit.http.responses import text
from servicekit.http.source import Proxies, source
from sessions import Sessions
from tokens import Claims, InvalidTokenError
from users import Users

log = logging.getLogger(__name__)

MAX_FORM = 8 * 1024  # bytes


@dataclass(frozen=True)
class Door:
    """What the routes need."""

    users: Users
    logins: Logins
    sessions: Sessions
    proxies: Proxies

    def login(self) -> Login:
        """Who sent the request, by Basic credentials; RefusedError and UnavailableError."""
        credentials = request.authorization
        if not credentials or not credentials.username or not credentials.password:
            raise unauthorized("Basic")
        return self.logins.check(credentials.username, credentials.password, self.source())

    def source(self) -> str:
        """Where the request comes from."""
        return source(self.proxies.client(request))

    def claims(self) -> Claims:
        """Who sent the request, by a token; RefusedError and UnavailableError."""
        credentials = request.authorization
        if not credentials or credentials.type != "bearer" or not credentials.token:
            raise unauthorized("Bearer")
        try:
            return self.sessions.claims(credentials.token)
        except InvalidTokenError as error:
            raise unauthorized("Bearer") from error

    def needs_sessions(self) -> None:
        """RefusedError, a 501, where no end of a session can be noted."""
        if not self.sessions.can_end():
            raise RefusedError("Not Implemented", 501)


def blueprint(door: Door) -> Blueprint:
    """All of them."""
    routes = Blueprint("auth", __name__)

    @routes.post("/login")
    def login() -> Response:
        login = door.login()
        token = door.sessions.begin(*login)
        log.info("%s logged in from %s", login.user.email, door.source())
        return text(token, 200)

    @routes.post("/validate")
    def validate() -> Response:
        return jsonify(door.claims())

    @routes.post("/logout")
    def logout() -> Response:
        """End every token of the user."""
        claims = door.claims()
        door.needs_sessions()
        if user := door.users.find(claims["username"]):
            door.sessions.end(user)
            log.info("%s signed out", user.email)
        return Response(status=204)

    @routes.post("/password")
    def password() -> Response:
        """Change the password, and end every token of the user."""
        door.needs_sessions()
        user = door.login().user
        request.max_content_length = MAX_FORM
        new = request.form.get("password", "")
        if reason := passwords.refusal(new):
            raise RefusedError(reason)
        stored = passwords.hashed(new)
        door.users.replace_password(user, stored)
        changed = door.users.find(user.email)
        if changed is None or changed.password != stored:
            raise RefusedError("The password was changed by somebody else meanwhile", 409)
        door.sessions.end(changed)
        log.info("%s changed the password from %s", user.email, door.source())
        return Response(status=204)

    # Nothing is here, yet GET says 405 and not 404: the sign that the service answers.
    routes.add_url_rule("/", "root", methods=["OPTIONS"], provide_automatic_options=True)
    return routes
