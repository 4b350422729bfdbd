"""The auth service: a login for a token, and the word on a token."""

import functools
import os

from flask import Blueprint, Flask, Response, jsonify, request

import passwords
from servicekit import logs
from servicekit.health import Health
from servicekit.http.app import make_app
from servicekit.http.errors import unauthorized
from servicekit.http.responses import text
from servicekit.http.server import serve
from settings import Settings
from tokens import InvalidTokenError, Tokens
from users import Users


def create_app(settings: Settings) -> tuple[Flask, Health]:
    """The application and its health; connects to nothing."""
    logs.configure(settings.log, "auth")
    app = make_app("auth")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    users = Users(app, settings.mysql)
    app.register_blueprint(blueprint(users, Tokens(settings.jwt_secret, settings.token_lifetime)))

    def ask_mysql() -> None:
        with app.app_context():
            users.ping()

    return app, Health(live=lambda: True, ready={"mysql": ask_mysql})


def blueprint(users: Users, tokens: Tokens) -> Blueprint:
    """The routes of the service."""
    door = Blueprint("auth", __name__)

    @door.post("/login")
    def login() -> Response:
        credentials = request.authorization
        if not credentials or not credentials.username or not credentials.password:
            raise unauthorized("Basic")
        if not _log_in(users, credentials.username, credentials.password):
            raise unauthorized("Basic")
        return text(tokens.issue(credentials.username), 200)

    @door.post("/validate")
    def validate() -> Response:
        credentials = request.authorization
        if not credentials or credentials.type != "bearer" or not credentials.token:
            raise unauthorized("Bearer")
        try:
            return jsonify(tokens.claims(credentials.token))
        except InvalidTokenError as error:
            raise unauthorized("Bearer") from error

    # Nothing is here, yet GET says 405 and not 404: the sign that the service answers.
    door.add_url_rule("/", "root", methods=["OPTIONS"], provide_automatic_options=True)
    return door


def _log_in(users: Users, username: str, password: str) -> bool:
    """Whether the password is right; replaces what it is stored as when that is out of date."""
    user = users.find(username)
    if not passwords.matches(password, user.password if user else None) or user is None:
        return False
    better = passwords.upgrade(password, user.password)
    if better:
        users.replace_password(user, better)
    return True


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.load(os.environ)
    serve(functools.partial(create_app, settings), settings.server, settings.health)


if __name__ == "__main__":
    main()
