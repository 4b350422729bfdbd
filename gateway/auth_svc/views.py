"""The doors to the auth service: sessions, passwords, registration and API keys."""

import re

import requests
from flask import Blueprint, Response, request

from auth_svc import access
from servicekit.http.form import short_form
from servicekit.http.source import Proxies
from settings import AuthSettings

NO_KEY = "0"  # an id that no key has, for who asks by what is none
_KEY_ID = re.compile(r"[0-9a-f]{12}", re.ASCII)


def blueprint(auth: AuthSettings, proxies: Proxies) -> Blueprint:
    """The routes of a user's account."""
    door = Blueprint("auth_svc", __name__)

    def authorization() -> str | None:
        return request.headers.get("Authorization")

    def field(name: str) -> str:
        return short_form().get(name, "")

    @door.post("/login")
    def login() -> Response:
        return access.login(auth, authorization(), proxies.client(request))

    @door.post("/logout")
    def logout() -> Response:
        access.log_out(auth, authorization())
        return Response(status=204)

    @door.post("/password")
    def password() -> Response:
        client, new = proxies.client(request), field("password")
        if not authorization() and "code" in short_form():
            access.choose_password(auth, client, field("code"), new)
        else:
            access.change_password(auth, authorization(), client, new)
        return Response(status=204)

    @door.post("/password/forgotten")
    def forgotten() -> Response:
        access.mail_code(auth, "/password/forgotten", proxies.client(request), field("email"))
        return Response(status=202)

    @door.get("/registration")
    def registration() -> Response:
        return _passed_on(access.registration(auth))

    @door.post("/registration")
    def register() -> Response:
        access.mail_code(auth, "/registration", proxies.client(request), field("email"))
        return Response(status=202)

    @door.get("/keys")
    def list_keys() -> Response:
        return _passed_on(access.api_keys(auth, authorization(), "GET", "/keys"))

    @door.post("/keys")
    def make_key() -> Response:
        sent = short_form()
        form = {name: sent[name] for name in ("name", "lifetime") if name in sent}
        return _passed_on(access.api_keys(auth, authorization(), "POST", "/keys", form))

    @door.delete("/keys/<key_id>")
    def revoke_key(key_id: str) -> Response:
        known = key_id if _KEY_ID.fullmatch(key_id) else NO_KEY
        access.api_keys(auth, authorization(), "DELETE", f"/keys/{known}")
        return Response(status=204)

    return door


def _passed_on(answer: requests.Response) -> Response:
    """An answer of auth's in JSON."""
    return Response(answer.content, answer.status_code, mimetype="application/json")
