"""The auth service: a login for a token, and the word on a token."""

import functools
import logging
import os

from flask import Flask

import keys_views
import password_views
import registration_views
import views
from accounts import Accounts
from code_mails import CodeMails
from codes import Codes
from door import Door
from guard import Guard
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
    guard = Guard(throttle, places, settings.login.failure_time)
    silence, codes = Silence(), Codes(settings.tokens)
    door = Door(
        users,
        Logins(users, guard),
        Sessions(users, Tokens(settings.tokens), accounts, silence),
        Keys(users, accounts, silence) if accounts else None,
        codes,
        CodeMails(users, accounts, guard, codes, settings) if accounts else None,
        settings.codes.registration,
        settings.proxies,
    )
    for routes in (views, password_views, registration_views, keys_views):
        app.register_blueprint(routes.blueprint(door))

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
