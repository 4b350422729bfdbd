"""The routes of the auth service."""

import logging

from flask import Blueprint, Response, jsonify, request

import passwords
from door import MAX_FORM, Door
from servicekit.http.errors import RefusedError
from servicekit.http.responses import text

log = logging.getLogger(__name__)


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
        return jsonify(door.named())

    @routes.post("/logout")
    def logout() -> Response:
        """End every token of the user."""
        user = door.user(door.named())
        door.needs_sessions()
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
