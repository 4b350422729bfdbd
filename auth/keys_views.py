"""The routes of a user's API keys; a key itself does not manage keys."""

import logging

from flask import Blueprint, Response, jsonify

from door import Door, needed
from keys import MAX_KEYS, Keys, TooManyKeysError
from servicekit.http.errors import RefusedError
from servicekit.http.form import short_form
from servicekit.http.numbers import whole_number
from servicekit.http.problem import Code
from users import User

log = logging.getLogger(__name__)

MAX_NAME = 100  # characters
MAX_LIFETIME = 10 * 366 * 86400  # seconds


def blueprint(door: Door) -> Blueprint:
    """All of them."""
    routes = Blueprint("keys", __name__)

    def asked() -> tuple[Keys, User]:
        """The keys, and the user who asks with a token."""
        claims = door.claims()
        return needed(door.keys), door.user(claims)

    @routes.get("/keys")
    def show() -> Response:
        keys, user = asked()
        return jsonify(keys=[key.shown() for key in keys.of(user)])

    @routes.post("/keys")
    def make() -> Response:
        keys, user = asked()
        try:
            sent, key = keys.make(user, _name(), _lifetime())
        except TooManyKeysError as error:
            raise RefusedError(
                f"You have {MAX_KEYS} API keys already", 409, Code.TOO_MANY_KEYS
            ) from error
        log.info("%s made the API key %s", user.email, key.id)
        response = jsonify(key=sent, **key.shown())
        response.status_code = 201
        return response

    @routes.delete("/keys/<key_id>")
    def revoke(key_id: str) -> Response:
        keys, user = asked()
        if not keys.revoke(user, key_id):
            raise RefusedError("Key not found", 404, Code.KEY_NOT_FOUND)
        log.info("%s revoked the API key %s", user.email, key_id)
        return Response(status=204)

    return routes


def _name() -> str:
    name = short_form().get("name", "").strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise RefusedError(f"name must be a text of 1 to {MAX_NAME} characters")
    return name


def _lifetime() -> int | None:
    raw = short_form().get("lifetime")
    return None if raw is None else whole_number(raw, "lifetime", 1, MAX_LIFETIME)
