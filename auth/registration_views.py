"""The routes by which somebody comes to have an account."""

from flask import Blueprint, Response, jsonify

from door import Door, needed, sent_address
from servicekit.http.errors import RefusedError
from servicekit.http.problem import Code
from settings import OPEN


def blueprint(door: Door) -> Blueprint:
    """All of them."""
    routes = Blueprint("registration", __name__)

    @routes.get("/registration")
    def show() -> Response:
        needed(door.mails)
        return jsonify(registration=door.registration)

    @routes.post("/registration")
    def register() -> Response:
        """Mail a code to an address, which the answer does not tell from one with an account."""
        mails = needed(door.mails)
        if door.registration != OPEN:
            raise RefusedError("Registration is not open", 403, Code.REGISTRATION_CLOSED)
        mails.ask(sent_address(), door.source(), register=True)
        return Response(status=202)

    return routes
