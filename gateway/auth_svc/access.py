"""Calls to the auth service, and the login that is passed through to it."""

from contextlib import AbstractContextManager

import requests
from flask import Response

import deadline
from auth_svc import connections
from servicekit import about
from servicekit.errors import UnavailableError
from servicekit.http import problem, request_id
from servicekit.http.errors import RefusedError, unauthorized
from servicekit.http.problem import Code
from servicekit.http.responses import text
from servicekit.http.source import Address
from servicekit.tracing import spans
from settings import AuthSettings

CONNECT_TIMEOUT = 2.0  # seconds; three attempts stay below the 15 s in which a client gets its 503

NOT_IMPLEMENTED = 501  # auth lacks the database that it needs for this


def call(
    auth: AuthSettings,
    path: str,
    authorization: str | None = None,
    client: Address | None = None,
    form: dict[str, str] | None = None,
    method: str = "POST",
) -> requests.Response:
    """Ask auth, with what is given of the client's request.

    `client` is whom the request comes from, where auth has to know. UnavailableError when auth does
    not answer, or answers with a failure of its own.
    """
    left = deadline.current().left(auth.timeout)
    timeout = (min(CONNECT_TIMEOUT, left), left)
    headers = {request_id.HEADER: about.request_id(), "Accept": problem.PROBLEM}
    if authorization:
        headers["Authorization"] = authorization
    if client:
        headers["X-Forwarded-For"] = str(client)
    with _span(auth, method, path):
        headers |= spans.headers()
        try:
            answer = connections.ask(method, _url(auth, path), headers, form, timeout)
        except requests.RequestException as error:
            raise UnavailableError(f"auth: {error}") from error
        spans.note_status(answer.status_code)
    if answer.status_code >= 500 and answer.status_code != NOT_IMPLEMENTED:
        raise UnavailableError(f"auth answered {answer.status_code}")
    return answer


def login(auth: AuthSettings, authorization: str | None, client: Address) -> Response:
    """The token that auth gives for these credentials; RefusedError when it refuses them."""
    answer = _ask(auth, "/login", "Basic", authorization, client)
    return text(answer.text, answer.status_code)


def log_out(auth: AuthSettings, authorization: str | None) -> None:
    """End every token of who sent this one; RefusedError when it is not good."""
    _ask(auth, "/logout", "Bearer", authorization)


def change_password(
    auth: AuthSettings, authorization: str | None, client: Address, new: str
) -> None:
    """Replace the password of these credentials; RefusedError says why auth refuses it."""
    _ask(auth, "/password", "Basic", authorization, client, {"password": new})


def choose_password(auth: AuthSettings, client: Address, code: str, new: str) -> None:
    """Choose one with a code from a mail; RefusedError says why auth refuses it."""
    form = {"code": code, "password": new}
    _accepted(call(auth, "/password", client=client, form=form))


def mail_code(auth: AuthSettings, path: str, client: Address, email: str) -> None:
    """Have a code mailed for what the path says; RefusedError says why auth refuses it."""
    _accepted(call(auth, path, client=client, form={"email": email}))


def registration(auth: AuthSettings) -> requests.Response:
    """What auth answers about who may register; RefusedError where nobody can."""
    return _accepted(call(auth, "/registration", method="GET"))


def api_keys(
    auth: AuthSettings,
    authorization: str | None,
    method: str,
    path: str,
    form: dict[str, str] | None = None,
) -> requests.Response:
    """What auth answers about the keys of who sent this token; RefusedError says why it refuses."""
    return _ask(auth, path, "Bearer", authorization, form=form, method=method)


def _ask(
    auth: AuthSettings,
    path: str,
    scheme: str,
    authorization: str | None,
    client: Address | None = None,
    form: dict[str, str] | None = None,
    method: str = "POST",
) -> requests.Response:
    """What auth answers when it does as it is asked; RefusedError, as auth says, when not."""
    if not authorization:
        raise unauthorized(scheme)
    return _accepted(call(auth, path, authorization, client, form, method), scheme)


def _accepted(answer: requests.Response, scheme: str = "Basic") -> requests.Response:
    """The answer, unless it is a refusal."""
    if answer.status_code == 401:
        raise unauthorized(scheme)
    if answer.status_code >= 400:
        retry = answer.headers.get("Retry-After")
        headers = {"Retry_After": retry} if retry else {}
        detail, code = _problem(answer)
        raise RefusedError(detail, answer.status_code, code, **headers)
    return answer


def _problem(answer: requests.Response) -> tuple[str, Code]:
    """The text and the code of a refusal; an auth of an older version speaks plain text."""
    if answer.headers.get("Content-Type") != problem.PROBLEM:
        return answer.text, Code.of(answer.status_code)
    return problem.read(answer.json(), answer.status_code)


def ping(auth: AuthSettings) -> None:
    """Raise requests.RequestException when auth does not answer."""
    timeout = (CONNECT_TIMEOUT, CONNECT_TIMEOUT)
    connections.ask("GET", _url(auth, "/healthz"), {}, None, timeout).raise_for_status()


def _span(auth: AuthSettings, method: str, path: str) -> AbstractContextManager[None]:
    host, _, port = auth.address.partition(":")
    attributes: dict[str, str | int] = {
        "http.request.method": method,
        "url.full": _url(auth, path),
        "server.address": host,
    }
    if port.isdecimal():
        attributes["server.port"] = int(port)
    return spans.span(f"{method} {path}", spans.Kind.CLIENT, attributes)


def _url(auth: AuthSettings, path: str) -> str:
    return f"http://{auth.address}{path}"
