"""An MP3, sent to its owner."""

import functools

from flask import Request, Response
from pymongo.database import Database

from download.answer import answer, mp3_name
from errors import RefusedError
from servicekit.mongo import Document
from storage import util


def send(
    mp3s: Database[Document], file: Document, video: Document | None, request: Request
) -> Response:
    """The answer with `file`, named after its video; RefusedError when it is gone by its age."""
    if removed := file["metadata"].get("removed"):
        raise RefusedError(f"The file was removed on {removed:%Y-%m-%d}", 410)
    name = mp3_name(video["filename"]) if video else f"{file['_id']}.mp3"
    return answer(request, file, name, functools.partial(util.read, mp3s, file))
