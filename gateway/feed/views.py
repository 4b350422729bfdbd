"""The doors for feeds: made and ended at /feed, read below it by who has the key."""

from pathlib import PurePosixPath

from flask import Blueprint, Response, jsonify, request

from auth import validate
from download import find
from download.send import Sender
from feed import rss
from feed.keys import FeedKeys
from servicekit import about
from servicekit.http.errors import RefusedError
from servicekit.http.problem import Code
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.queries import Page
from servicekit.jobs.state import State
from settings import Settings

ITEMS = 100  # of a feed, which apps read every hour: the newest


def blueprint(settings: Settings, jobs: Jobs, keys: FeedKeys, sender: Sender) -> Blueprint:
    """The routes of the feeds."""
    door = Blueprint("feed", __name__)
    home = settings.links.public_url

    def user() -> str:
        return validate.token(settings.auth, request)

    def owner(secret: str) -> str:
        username = keys.user(secret)
        if username is None:
            raise RefusedError("Feed not found", 404, Code.FEED_NOT_FOUND)
        about.add(user=about.user_hash(username))
        return username

    @door.post("/feed")
    def make() -> Response:
        """The address is told this once; the one before ends."""
        path = f"/feed/{keys.replace(user())}.rss"
        response = jsonify(url=home + path)
        response.status_code = 201
        response.location = path
        return response

    @door.get("/feed")
    def show() -> Response:
        made = keys.made(user())
        return jsonify(created=made.isoformat(timespec="seconds") if made else None)

    @door.delete("/feed")
    def end() -> Response:
        keys.end(user())
        return Response(status=204)

    @door.get("/feed/<secret>.rss")
    def read(secret: str) -> Response:
        """The newest MP3s that are kept."""
        below = f"{home}/feed/{secret}"
        document = rss.feed(home, f"{below}.rss", items(owner(secret), below))
        response = Response(document, mimetype=rss.TYPE)
        response.headers["X-Robots-Tag"] = "noindex"
        response.cache_control.private = True
        response.cache_control.no_cache = True
        response.add_etag()
        response.make_conditional(request)
        return response

    def items(username: str, below: str) -> list[rss.Item]:
        done = jobs.page(username, Page(ITEMS, State.DONE))
        mp3s = jobs.mp3s_of(*(job.id for job in done))
        return [
            rss.Item(
                id=str(mp3.id),
                title=PurePosixPath(job.file.filename).stem,
                published=mp3.file.uploaded,
                url=f"{below}/{mp3.id}.mp3",
                length=mp3.file.length,
            )
            for job in done
            if (mp3 := mp3s.get(job.id)) and not mp3.removed
        ]

    @door.get("/feed/<secret>/<mp3_id>.mp3")
    def mp3(secret: str, mp3_id: str) -> Response:
        username = owner(secret)
        found = find.mp3(jobs, mp3_id, username)
        response = sender.send(request, username, found, jobs.find(found.video_id, username))
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return door
