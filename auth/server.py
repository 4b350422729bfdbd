"""The auth service: a login for a token, and the word on a token."""

import functools
import logging
import os

from flask import Flask

import keys_views
from accounts import Accounts
from door import Door
from keys import Keys
from logins import Logins
from mysql import MySqlServer
from servicekit import logs
from servicekit.health import Health
from servicekit.http.app import make_app
from servicekit.http.places import Places
from servicekit.http.server import serve
from servicekit.tracing import spans
from sessions import Sessions
from settings import Settings
from silence import Silence
from throttle import Throttle
from tokens import Tokens
from users import Users
from views import blueprint

log = logging.getLogger(__name__)


def create_app(settings: Settings) -> tuple[Flask, Health]:
    """The application and its health; connects to nothing."""
    logs.configure(settings.log, "auth")
    spans.start(settings.tracing)
    app = make_app("auth")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    mysql = MySqlServer(settings.mysql)
    users = Users(app, mysql, settings.mysql)
    accounts = _accounts(mysql, settings)
    places = Places(max(1, settings.server.threads // 2))  # /validate always has the other half
    throttle = Throttle(accounts.transaction, settings.login) if accounts else None
    silence = Silence()
    door = Door(
        users,
        Logins(users, throttle, places, settings.login.failure_time),
        Sessions(users, Tokens(settings.tokens), accounts, silence),
        Keys(users, accounts, silence) if accounts else None,
        settings.proxies,
    )
    app.register_blueprint(blueprint(door))
    app.register_blueprint(keys_views.blueprint(door))

    def ask_mysql() -> None:
        with app.app_context():
            users.ping()

    return app, Health(live=lambda: True, ready={"mysql": ask_mysql})


def _accounts(mysql: MySqlServer, settings: Settings) -> Accounts | None:
    if settings.accounts.password:
        return Accounts(mysql, settings.accounts)
    log.warning("ACCOUNTS_PASSWORD is not set: nobody can sign out, and guessing has no limit")
    return None


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.load(os.environ)
    serve(functools.partial(create_app, settings), settings.server, settings.health)


if __name__ == "__main__":
    main()
