"""Who sent a request: the user that auth finds in its bearer token."""

from flask import Request

from auth_svc.access import call
from servicekit import about
from servicekit.errors import UnavailableError
from servicekit.http.errors import unauthorized
from settings import AuthSettings


def token(auth: AuthSettings, request: Request) -> str:
    """The user's name; RefusedError, a 401, when the token is not good."""
    authorization = request.headers.get("Authorization")
    if not authorization:
        raise unauthorized("Bearer")
    answer = call(auth, "/validate", authorization)
    if answer.status_code != 200:
        raise unauthorized("Bearer")
    try:
        username = str(answer.json()["username"])
    except (ValueError, LookupError, TypeError) as error:
        raise UnavailableError("auth's answer names no user") from error
    about.add(user=about.user_hash(username))
    return username
