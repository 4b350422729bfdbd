"""An MP3, sent to its owner."""

import functools

from flask import Request, Response

import patience
from context import Context
from download.answer import answer, mp3_name
from errors import RefusedError
from servicekit.gridfs.mongodb import Document
from storage import util


def send(context: Context, file: Document, video: Document | None, request: Request) -> Response:
    """The answer with `file`, named after its video; RefusedError when it is gone by its age."""
    if removed := file["metadata"].get("removed"):
        raise RefusedError(f"The file was removed on {removed:%Y-%m-%d}", 410)
    patience.limit(request, context.settings.upload.idle_timeout)
    name = mp3_name(video["filename"]) if video else f"{file['_id']}.mp3"
    return answer(request, file, name, functools.partial(util.read, context.mp3s, file))
