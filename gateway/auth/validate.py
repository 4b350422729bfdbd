"""Who sent a request: the user that auth finds in its bearer token."""

from flask import Request, abort

from auth_svc.access import call
from servicekit.errors import UnavailableError
from servicekit.http.responses import unauthorized
from settings import AuthSettings


def token(auth: AuthSettings, request: Request) -> str:
    """The user's name; ends the request with 401 when the token is not good."""
    authorization = request.headers.get("Authorization")
    if not authorization:
        abort(unauthorized("Bearer"))
    answer = call(auth, "/validate", authorization)
    if answer.status_code != 200:
        abort(unauthorized("Bearer"))
    try:
        return str(answer.json()["username"])
    except (ValueError, LookupError, TypeError) as error:
        raise UnavailableError("auth's answer names no user") from error
