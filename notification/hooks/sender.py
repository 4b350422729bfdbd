"""Sends webhooks: takes what is due, and notes what came of it."""

import http
import logging
import threading
import time
from urllib.parse import urlsplit

from pymongo.errors import PyMongoError

from hooks.addresses import Addresses
from hooks.post import UndeliveredError, post
from hooks.settings import WebhookSettings
from servicekit import about
from servicekit.gridfs.mongodb import Client
from servicekit.metrics.mails import WEBHOOKS
from servicekit.webhooks.deliveries import Deliveries, Delivery
from servicekit.webhooks.endpoints import Endpoints
from servicekit.webhooks.secrets import Secrets
from servicekit.webhooks.signature import signed

log = logging.getLogger(__name__)

USER_AGENT = "Video2MP3-Webhooks/1"


class Sender:
    """Threads that end with the process; what one was about to send is due again then."""

    def __init__(self, client: Client, settings: WebhookSettings) -> None:
        self._deliveries = Deliveries(client)
        self._endpoints = Endpoints(client)
        self._secrets = Secrets(client)
        self._settings = settings
        self._addresses = Addresses(settings.networks, settings.refused)

    def start(self) -> None:
        """Send from now on."""
        for number in range(self._settings.senders):
            name = f"webhooks-{number}"
            threading.Thread(target=self._run, daemon=True, name=name).start()

    def _run(self) -> None:
        told = False  # an outage is one line, however long it is
        while True:
            try:
                while self.send_one():
                    pass
                told = False
            except PyMongoError as error:
                if not told:
                    log.warning("No webhooks: MongoDB: %s: %s", type(error).__name__, error)
                told = True
            time.sleep(self._settings.interval)

    def send_one(self) -> bool:
        """Whether there was one to send; PyMongoError."""
        delivery = self._deliveries.claim()
        if delivery is None:
            return False
        with about.about(**about.of_job(delivery.job_id, delivery.username)):
            if delivery.endpoint and not self._endpoints.takes(delivery.endpoint):
                self._deliveries.give_up(delivery, "its endpoint takes no webhooks any more")
            else:
                self._attempt(delivery)
        return True

    def _attempt(self, delivery: Delivery) -> None:
        try:
            status = self._post(delivery)
        except UndeliveredError as error:
            self._failed(delivery, str(error))
        else:
            self._answered(delivery, status)

    def _post(self, delivery: Delivery) -> int:
        body = delivery.body.encode()
        secrets = self._secrets.signing(delivery.username)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            **signed(delivery.id, int(time.time()), body, secrets),
        }
        return post(delivery.url, headers, body, self._settings.timeout, self._addresses)

    def _answered(self, delivery: Delivery, status: int) -> None:
        outcome = str(status)
        if 200 <= status < 300:
            self._deliveries.delivered(delivery, outcome)
            self._note(delivery, outcome, "delivered")
        elif status == http.HTTPStatus.GONE:
            self._gone(delivery, outcome)
        else:
            self._failed(delivery, outcome)

    def _gone(self, delivery: Delivery, outcome: str) -> None:
        """The receiver wants nothing any more: "Responses" in the specification."""
        self._deliveries.give_up(delivery, outcome)
        self._note(delivery, outcome, "gone")
        if delivery.endpoint:
            self._deliveries.end_all(delivery.endpoint, outcome)

    def _failed(self, delivery: Delivery, outcome: str) -> None:
        gaps = self._settings.gaps
        if delivery.attempts > len(gaps):
            self._deliveries.give_up(delivery, outcome)
            self._note(delivery, outcome, "dead")
        else:
            self._deliveries.postpone(delivery, gaps[delivery.attempts - 1], outcome)
            self._note(delivery, outcome, "postponed")

    def _note(self, delivery: Delivery, outcome: str, metric: str) -> None:
        """Of the address the log has the host alone: what comes after it may be a secret."""
        WEBHOOKS.labels(metric).inc()
        host = urlsplit(delivery.url).hostname
        log.info("Webhook %s to %s: %s: %s", delivery.id, host, metric, outcome)
        if delivery.endpoint:
            self._endpoints.note(delivery.endpoint, outcome, gone=metric == "gone")
