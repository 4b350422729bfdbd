"""The door for how much a user has stored: GET /usage."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from auth import validate
from settings import AuthSettings
from upload.quota import Quota


def blueprint(auth: AuthSettings, quota: Quota) -> Blueprint:
    """The route."""
    door = Blueprint("usage", __name__)

    @door.get("/usage")
    def usage() -> Response:
        """The schema Usage of openapi.json."""
        found = quota.usage.of(validate.token(auth, request))
        return jsonify(**asdict(found), bytes=found.bytes, quota=quota.most or None)

    return door
