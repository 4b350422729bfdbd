"""The doors for webhooks: /webhooks and what is below it."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from auth import validate
from servicekit.gridfs.mongodb import Client
from servicekit.http.errors import RefusedError
from servicekit.http.form import short_form
from servicekit.http.problem import Code
from servicekit.webhooks.deliveries import Deliveries
from servicekit.webhooks.endpoints import MAX_ENDPOINTS, Endpoint, Endpoints
from servicekit.webhooks.secrets import Secrets
from servicekit.webhooks.url import ALLOWED, webhook_url
from settings import AuthSettings


def blueprint(auth: AuthSettings, client: Client) -> Blueprint:
    """The routes of the webhooks."""
    door = Blueprint("webhooks", __name__)
    endpoints, secrets, deliveries = Endpoints(client), Secrets(client), Deliveries(client)

    def user() -> str:
        return validate.token(auth, request)

    @door.get("/webhooks")
    def list_endpoints() -> Response:
        return jsonify(webhooks=[_represent(one) for one in endpoints.of(user())])

    @door.post("/webhooks")
    def add() -> Response:
        """One that is there already is enabled again."""
        username = user()
        url = webhook_url(short_form().get("url", "").strip())
        if url is None:
            raise RefusedError(f"url must be {ALLOWED}")
        known = [one.url for one in endpoints.of(username)]
        if len(known) >= MAX_ENDPOINTS and url not in known:
            text = f"You have {MAX_ENDPOINTS} webhooks already"
            raise RefusedError(text, 409, Code.TOO_MANY_WEBHOOKS)
        endpoint = endpoints.add(username, url)
        response = jsonify(_represent(endpoint))
        response.status_code = 201
        response.location = f"/webhooks/{endpoint.id}"
        return response

    @door.delete("/webhooks/<webhook_id>")
    def remove(webhook_id: str) -> Response:
        removed = endpoints.remove(webhook_id, user())
        if removed is None:
            raise RefusedError("Webhook not found", 404, Code.WEBHOOK_NOT_FOUND)
        deliveries.end_all(removed, "its endpoint was removed")
        return Response(status=204)

    @door.get("/webhook-secret")
    def secret() -> Response:
        return jsonify(secret=secrets.of(user()))

    @door.post("/webhook-secret")
    def replace_secret() -> Response:
        """The one before signs too for a day."""
        return jsonify(secret=secrets.replace(user()))

    return door


def _represent(endpoint: Endpoint) -> dict[str, Any]:
    """The schema Webhook of openapi.json."""
    return {
        "id": str(endpoint.id),
        "url": endpoint.url,
        "created": _iso(endpoint.id.generation_time),
        "enabled": endpoint.disabled is None,
        "outcome": endpoint.outcome,
        "attempted": _iso(endpoint.attempted) if endpoint.attempted else None,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
