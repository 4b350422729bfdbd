"""The routes of a session, from its login to its end."""

import logging

from flask import Blueprint, Response, jsonify

from door import Door
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

    # Nothing is here, yet GET says 405 and not 404: the sign that the service answers.
    routes.add_url_rule("/", "root", methods=["OPTIONS"], provide_automatic_options=True)
    return routes
