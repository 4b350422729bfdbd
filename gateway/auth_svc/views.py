"""The doors to the auth service: POST /login, /logout and /password."""

from flask import Blueprint, Response, request

from auth_svc import access
from servicekit.http.source import Proxies
from settings import AuthSettings

MAX_FORM = 8 * 1024  # bytes


def blueprint(auth: AuthSettings, proxies: Proxies) -> Blueprint:
    """The routes of a user's account."""
    door = Blueprint("auth_svc", __name__)

    def authorization() -> str | None:
        return request.headers.get("Authorization")

    @door.post("/login")
    def login() -> Response:
        return access.login(auth, authorization(), proxies.client(request))

    @door.post("/logout")
    def logout() -> Response:
        access.log_out(auth, authorization())
        return Response(status=204)

    @door.post("/password")
    def password() -> Response:
        request.max_content_length = MAX_FORM
        new = request.form.get("password", "")
        access.change_password(auth, authorization(), proxies.client(request), new)
        return Response(status=204)

    return door
