"""The door to the auth service: POST /login."""

from flask import Blueprint, Response, request

from auth_svc import access
from settings import AuthSettings


def blueprint(auth: AuthSettings) -> Blueprint:
    """The route of the login."""
    door = Blueprint("auth_svc", __name__)

    @door.post("/login")
    def login() -> Response:
        return access.login(auth, request.headers.get("Authorization"))

    return door
