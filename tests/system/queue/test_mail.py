"""A message on `mp3` is acknowledged once the mail server has the mail, and not before."""

import json
from pathlib import Path

import pytest
from bson import ObjectId

from tests.support import certificate
from tests.support.broker import Broker
from tests.support.smtp import DROP, SmtpServer
from tests.support.wait import until
from tests.support.workers import Workers

USER = "mail@example.com"


def announce(broker: Broker, username: str = USER) -> str:
    """Publish the message about a new MP3, and return the MP3's id."""
    mp3_fid = str(ObjectId())
    message = {"video_fid": str(ObjectId()), "mp3_fid": mp3_fid, "username": username}
    broker.publish("mp3", json.dumps(message))
    return mp3_fid


def check_acknowledged(broker: Broker) -> None:
    """No message is left, neither on `mp3` nor in the dead queue."""
    assert (broker.ready("mp3"), broker.ready("dead")) == (0, 0)


def test_a_message_is_acknowledged_only_after_the_servers_250(
    broker: Broker, workers: Workers, smtp: SmtpServer
) -> None:
    smtp.always("BODY", DROP)
    first = workers.notifier(smtp)
    announce(broker)
    smtp.wait_for_command("BODY")
    first.kill()
    broker.wait_for("mp3", 1)
    smtp.always("BODY", "250 taken")
    second = workers.notifier(smtp)
    smtp.wait_for_mails(1)
    assert second.terminate() == 0
    check_acknowledged(broker)


@pytest.mark.parametrize(
    ("command", "reply"),
    [("RCPT", "451 greylisted"), ("BODY", "452 mailbox full"), ("DATA", DROP), ("CONNECT", DROP)],
)
def test_a_mail_is_tried_again_after_a_4xx_or_a_disconnect(
    command: str, reply: str, broker: Broker, workers: Workers, smtp: SmtpServer
) -> None:
    smtp.answer(command, reply, reply)
    worker = workers.notifier(smtp)
    mp3_fid = announce(broker)
    (mail,) = smtp.wait_for_mails(1)
    assert mail.message["Message-ID"] == f"<{mp3_fid}@example.com>"
    assert smtp.commands.count(command) == 3
    assert worker.terminate() == 0
    check_acknowledged(broker)


def test_a_refused_recipient_is_dead_lettered_and_the_next_mail_goes_out(
    broker: Broker, workers: Workers, smtp: SmtpServer
) -> None:
    smtp.answer("RCPT", "550 no such user")
    worker = workers.notifier(smtp)
    refused, good = announce(broker), announce(broker)
    (mail,) = smtp.wait_for_mails(1)
    assert good in mail.message.as_string()
    broker.wait_for("dead", 1)
    assert refused in broker.dead()[0].decode()
    assert worker.count("Waiting for messages...") == 1


def test_a_refused_login_loses_no_message_and_all_go_out_once_it_is_fixed(
    broker: Broker, workers: Workers, smtp: SmtpServer
) -> None:
    smtp.always("AUTH", "535 bad credentials")
    pair = [workers.notifier(smtp) for _ in range(2)]
    announced = {announce(broker) for _ in range(8)}
    for worker in pair:
        until(lambda worker=worker: worker.probe() == 503, "not ready")  # type: ignore[misc]
        assert worker.probe("/livez") == 200
    smtp.wait_for_command("AUTH", 20)  # far more often than the delivery limit
    assert smtp.mails == []
    smtp.always("AUTH", "235 welcome")
    ids = {mail.message["Message-ID"] for mail in smtp.wait_for_mails(8)}
    assert ids == {f"<{mp3_fid}@example.com>" for mp3_fid in announced}
    for worker in pair:
        worker.wait_until_ready()
        assert worker.terminate() == 0
    check_acknowledged(broker)


@pytest.mark.parametrize(
    "username",
    ["a@b.com, evil@x.com", "a@b.com\r\nBcc: evil@x.com", "a@b.com\nSubject: hi", "nobody"],
)
def test_a_username_that_is_not_one_address_is_dead_lettered(
    username: str, broker: Broker, workers: Workers, smtp: SmtpServer
) -> None:
    worker = workers.notifier(smtp)
    announce(broker, username)
    announce(broker)
    (mail,) = smtp.wait_for_mails(1)
    assert mail.recipients == (USER,)
    broker.wait_for("dead", 1)
    assert worker.running


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_any_server_port_and_tls_mode_is_a_matter_of_settings(
    tls: str, broker: Broker, workers: Workers, tmp_path: Path
) -> None:
    context, authority = certificate.make(tmp_path)
    with SmtpServer(tls, context) as server:
        workers.notifier(
            server,
            SMTP_HOST="localhost",
            SMTP_TLS=tls,
            SMTP_CA_FILE=authority,
            SMTP_USER="other",
            SMTP_PASSWORD="secret",
            MAIL_FROM="noreply@example.org",
        )
        announce(broker)
        (mail,) = server.wait_for_mails(1)
        assert server.logins == [("other", "secret")]
        assert mail.sender == "noreply@example.org"
