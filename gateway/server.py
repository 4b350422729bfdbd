"""The gateway: the one service that clients talk to."""

import functools
import os

import pymongo
from flask import Flask, Response
from pymongo.errors import PyMongoError

import auth_svc.views
import deadline
import download.views
import feed.views
import jobs.views
import links.views
import page
import resumable.views
import upload.views
import usage
import webhooks.views
from announce import Announcer
from auth_svc import access
from download.send import Sender
from feed.keys import FeedKeys
from gauges import Gauges
from links.revocations import Revocations
from resumable.door import Door
from servicekit import logs
from servicekit.amqp import publish
from servicekit.amqp.queues import VIDEO_QUEUE
from servicekit.errors import UnavailableError
from servicekit.gridfs import mongodb
from servicekit.health import Health
from servicekit.http.app import make_app
from servicekit.http.errors import unavailable, unexpected
from servicekit.http.places import Places
from servicekit.http.server import serve
from servicekit.jobs.census import Census
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.unfinished import UnfinishedUploads
from servicekit.jobs.usage import UsageQueries
from servicekit.tracing import spans
from settings import Settings
from storage.util import Reader
from upload.quota import Quota

PING_TIMEOUT = 2.0  # seconds


def create_app(settings: Settings) -> tuple[Flask, Health]:
    """The application and its health; it looks for jobs without a message from now on."""
    logs.configure(settings.log, "gateway")
    spans.start(settings.tracing)
    client = mongodb.connect(settings.mongo)
    gauges = Gauges(Census(client))
    Announcer(Jobs(client), gauges, settings.broker, settings.announce).start()
    return open_doors(settings, client), health(settings, client)


def open_doors(settings: Settings, client: mongodb.Client) -> Flask:
    """The application with all its doors."""
    all_jobs = Jobs(client)
    places = Places(settings.shares.uploads)
    unfinished = UnfinishedUploads(client, settings.upload.lifetime)
    quota = Quota(UsageQueries(client), settings.upload.quota)
    resumable_door = Door(settings, all_jobs, unfinished, places, quota)
    download_places = Places(settings.shares.downloads)
    sender = Sender(Reader(client["mp3s"]), download_places, settings.upload.idle_timeout)
    app = make_app(
        "gateway",
        auth_svc.views.blueprint(settings.auth, settings.proxies),
        upload.views.blueprint(settings, all_jobs, places, quota),
        resumable.views.blueprint(resumable_door),
        download.views.blueprint(settings.auth, all_jobs, sender),
        jobs.views.blueprint(settings, all_jobs, sender),
        links.views.blueprint(settings, all_jobs, Revocations(client), sender),
        feed.views.blueprint(settings, all_jobs, FeedKeys(client), sender),
        webhooks.views.blueprint(settings.auth, client),
        usage.blueprint(settings.auth, quota),
        page.blueprint(),
    )
    app.register_error_handler(PyMongoError, _mongodb_failed)
    deadline.register(app)
    return app


def health(settings: Settings, client: mongodb.Client) -> Health:
    """Ready when everything that an upload needs answers."""

    def ping_mongodb() -> None:
        with pymongo.timeout(PING_TIMEOUT):
            mongodb.ping(client)

    return Health(
        live=lambda: True,
        ready={
            "mongodb": ping_mongodb,
            "rabbitmq": lambda: publish.ping(settings.broker, VIDEO_QUEUE, PING_TIMEOUT),
            "auth": lambda: access.ping(settings.auth),
        },
    )


def _mongodb_failed(error: PyMongoError) -> Response:
    """An outage is the server's and ends; anything else is a defect of the gateway's own."""
    if mongodb.is_down(error):
        return unavailable(UnavailableError(f"MongoDB: {error}"))
    return unexpected(error)


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.load(os.environ)
    create = functools.partial(create_app, settings)
    serve(create, settings.server, settings.health, settings.proxies)


if __name__ == "__main__":
    main()
