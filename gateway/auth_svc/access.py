"""Calls to the auth service, and the login that is passed through to it."""

import requests
from flask import Response
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from servicekit.errors import UnavailableError
from servicekit.http.errors import unauthorized
from servicekit.http.responses import text
from settings import AuthSettings

CONNECT_TIMEOUT = 2.0  # seconds; three attempts stay below the 15 s in which a client gets its 503

# An auth pod that is being replaced refuses or resets: the next attempt meets another one.
# Both calls may be repeated, for they change nothing.
_RETRY = Retry(total=2, connect=2, read=1, status=0, allowed_methods=None, backoff_factor=0.2)


def call(auth: AuthSettings, path: str, authorization: str) -> requests.Response:
    """POST to auth, with the Authorization header and nothing else of the client's request.

    UnavailableError when auth does not answer, or answers with a failure of its own.
    """
    timeout = (min(CONNECT_TIMEOUT, auth.timeout), auth.timeout)
    headers = {"Authorization": authorization}
    with _session() as session:
        try:
            answer = session.post(_url(auth, path), headers=headers, timeout=timeout)
        except requests.RequestException as error:
            raise UnavailableError(f"auth: {error}") from error
    if answer.status_code >= 500:
        raise UnavailableError(f"auth answered {answer.status_code}")
    return answer


def login(auth: AuthSettings, authorization: str | None) -> Response:
    """What auth answers to these credentials: the token; RefusedError, a 401, when they are bad."""
    if not authorization:
        raise unauthorized("Basic")
    answer = call(auth, "/login", authorization)
    if answer.status_code == 401:
        raise unauthorized("Basic")
    return text(answer.text, answer.status_code)


def ping(auth: AuthSettings) -> None:
    """Raise requests.RequestException when auth does not answer."""
    with _session() as session:
        session.get(_url(auth, "/healthz"), timeout=CONNECT_TIMEOUT).raise_for_status()


def _session() -> requests.Session:
    """A session for one call: auth's pods share the load, and no call meets a dead connection."""
    session = requests.Session()
    session.trust_env = False  # a .netrc would replace the header, a proxy would see it
    session.mount("http://", HTTPAdapter(max_retries=_RETRY))
    return session


def _url(auth: AuthSettings, path: str) -> str:
    return f"http://{auth.address}{path}"
