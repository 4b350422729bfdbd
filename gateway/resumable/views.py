"""The routes of resumable uploads: /uploads, by tus 1.0.0."""

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from resumable import protocol
from resumable.door import Door
from servicekit.http.errors import RefusedError
from servicekit.http.responses import text
from servicekit.jobs.job import Job
from servicekit.jobs.unfinished import Unfinished


def blueprint(door: Door) -> Blueprint:
    """All of them."""
    routes = Blueprint("resumable", __name__)

    @routes.before_request
    def check_version() -> None:
        protocol.check_version(request)

    @routes.after_request
    def tell_version(response: Response) -> Response:
        response.headers["Tus-Resumable"] = protocol.VERSION
        return response

    @routes.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
    def describe() -> Response:
        return protocol.description(door.settings.upload.max_bytes)

    @routes.post("/uploads")
    def begin() -> Response:
        """A new upload; with its first bytes, where some come along."""
        username = door.user()
        has_bytes = request.content_length or "Transfer-Encoding" in request.headers
        if has_bytes:
            protocol.check_content_type(request)
        upload = door.begin(username)
        response = _state(door.append(upload) if has_bytes else upload, 201)
        response.headers["Location"] = f"/uploads/{upload.id}"
        return response

    @routes.route("/uploads/<upload_id>", methods=["HEAD", "PATCH", "DELETE", "POST"])
    def one(upload_id: str) -> Response:
        username = door.user()
        match protocol.method(request):
            case "HEAD":
                return _described(door.find(upload_id, username))
            case "PATCH":
                return go_on(upload_id, username)
            case "DELETE":
                door.end(upload_id, username)
                return Response(status=204)
        raise RefusedError("Method Not Allowed", 405, Allow="HEAD, PATCH, DELETE, OPTIONS")

    def go_on(upload_id: str, username: str) -> Response:
        protocol.check_content_type(request)
        offset = protocol.number(request, "Upload-Offset")
        upload = door.find(upload_id, username)
        if offset != _offset(upload):
            raise protocol.conflict()
        return _state(door.append(upload) if isinstance(upload, Unfinished) else upload, 204)

    return routes


def _offset(upload: Unfinished | Job) -> int:
    return upload.offset if isinstance(upload, Unfinished) else upload.file.length


def _state(upload: Unfinished | Job, status: int) -> Response:
    """How far it has come."""
    response = text("", status)
    response.headers["Upload-Offset"] = str(_offset(upload))
    if isinstance(upload, Unfinished):
        response.headers["Upload-Expires"] = http_date(upload.expires)
    else:
        response.headers["X-Job-Id"] = str(upload.id)
    return response


def _described(upload: Unfinished | Job) -> Response:
    response = _state(upload, 200)
    if isinstance(upload, Unfinished):
        response.headers["Upload-Length"] = str(upload.length)
        response.headers["Upload-Metadata"] = upload.metadata
    else:
        response.headers["Upload-Length"] = str(upload.file.length)
    return response
