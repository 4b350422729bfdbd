"""Mails with codes, for whoever asks: who asks is not told whether one goes out."""

import logging
import time

import passwords
from accounts import Accounts, key
from codes import Codes
from guard import Guard
from servicekit import about
from servicekit.accounts.message import CodeMessage, Purpose
from servicekit.amqp import publish
from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.queues import MP3_QUEUE
from servicekit.errors import UnavailableError
from settings import Settings
from users import Users

log = logging.getLogger(__name__)

# Locks the row, whether it was there or not, until the transaction is over.
_LOCK = """
INSERT INTO code_mails (account, sent) VALUES (%(account)s, '1970-01-01')
ON DUPLICATE KEY UPDATE sent = sent
"""
_LOOK = """
SELECT sent > UTC_TIMESTAMP() - INTERVAL %(interval)s SECOND FROM code_mails
WHERE account = %(account)s
"""
_NOTE = "UPDATE code_mails SET sent = UTC_TIMESTAMP() WHERE account = %(account)s"
# A mail adds one row and takes away twice as many: the table stays as long as what went out lately.
_CLEAN = """
DELETE FROM code_mails WHERE sent <= UTC_TIMESTAMP() - INTERVAL %(interval)s SECOND
ORDER BY sent LIMIT 2
"""
_FORGET = "DELETE FROM code_mails WHERE account = %(account)s"


class CodeMails:
    """An address gets one within `CODE_INTERVAL`. Asking counts as guessing does."""

    def __init__(
        self, users: Users, accounts: Accounts, guard: Guard, codes: Codes, settings: Settings
    ) -> None:
        self._users = users
        self._accounts = accounts
        self._guard = guard
        self._codes = codes
        self._settings = settings.codes
        self._broker = settings.broker

    def ask(self, email: str, source: str, *, register: bool) -> None:
        """Mail a code to the user of this address, or, to `register` one, to the address.

        RefusedError: 429 after too many, 503 when there is no place for the source.
        UnavailableError when MySQL or the broker does not answer, whether there is a mail or not.
        """
        began = time.monotonic()
        with self._guard.place(source):
            self._guard.count(f"code {email}", source)
            message = self._message(email, register)
            if message and self._is_due(email):
                self._publish(message)
            else:
                publish.ping(self._broker, MP3_QUEUE, self._broker.publish_timeout)
            self._guard.wait(began)

    def _message(self, email: str, register: bool) -> CodeMessage | None:
        user = self._users.find(email)
        if user is None and not register:
            return None
        if user and passwords.is_disabled(user.password):
            return None
        purpose = Purpose.RESET if user else Purpose.REGISTRATION
        return self._codes.message(email, user, purpose, self._settings.lifetime)

    def _is_due(self, email: str) -> bool:
        """Whether it is time for another mail, which then counts as sent."""
        values = self._values(email)
        with self._accounts.transaction() as cursor:
            cursor.execute(_LOCK, values)
            cursor.execute(_LOOK, values)
            if cursor.fetchone()[0]:
                return False
            cursor.execute(_NOTE, values)
            cursor.execute(_CLEAN, values)
        return True

    def _publish(self, message: CodeMessage) -> None:
        try:
            queue(self._broker, message)
        except UnavailableError:
            with self._accounts.transaction() as cursor:
                cursor.execute(_FORGET, self._values(message.username))
            raise

    def _values(self, email: str) -> dict[str, object]:
        return {"account": key(email), "interval": self._settings.interval}


def queue(broker: BrokerSettings, message: CodeMessage) -> None:
    """Let the notifier mail it; UnavailableError unless the broker confirms it."""
    publish.publish(broker, MP3_QUEUE, message.encode(), about.request_id())
    log.info("A mail goes out to %s: %s", message.username, message.purpose)
