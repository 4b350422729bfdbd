"""The auth service: a login for a token, and the word on a token."""

import os

from flask import Flask, Response, jsonify, request

import passwords
from servicekit import logs
from servicekit.health import Health
from servicekit.http import responses as web
from servicekit.http import server as serve
from settings import Settings
from tokens import InvalidTokenError, Tokens
from users import Users


def create_app(settings: Settings) -> tuple[Flask, Health]:
    """The application and its health; connects to nothing."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    users = Users(app, settings.mysql)
    tokens = Tokens(settings.jwt_secret, settings.token_lifetime)

    @app.post("/login")
    def login() -> Response:
        credentials = request.authorization
        if not credentials or not credentials.username or not credentials.password:
            return web.unauthorized("Basic")
        if not _log_in(users, credentials.username, credentials.password):
            return web.unauthorized("Basic")
        return web.text(tokens.issue(credentials.username), 200)

    @app.post("/validate")
    def validate() -> Response:
        credentials = request.authorization
        if not credentials or credentials.type != "bearer" or not credentials.token:
            return web.unauthorized("Bearer")
        try:
            return jsonify(tokens.claims(credentials.token))
        except InvalidTokenError:
            return web.unauthorized("Bearer")

    @app.get("/healthz")
    def healthz() -> Response:
        return web.text("ok", 200)

    # Nothing is here, yet GET says 405 and not 404: the sign that the service answers.
    app.add_url_rule("/", "root", methods=["OPTIONS"], provide_automatic_options=True)
    web.harden(app)

    def ask_mysql() -> None:
        with app.app_context():
            users.ping()

    return app, Health(live=lambda: True, ready={"mysql": ask_mysql})


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
    logs.configure(settings.logs, "auth")
    serve.serve(lambda: create_app(settings), settings.server, settings.health)


if __name__ == "__main__":
    main()
