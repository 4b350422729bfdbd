"""What the SMTP server says decides what becomes of a mail."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from bson import ObjectId

from job_mail import compose
from send.email import TemporaryRefusalError, send
from servicekit.errors import PermanentError, UnavailableError
from servicekit.jobs.message import JobMessage
from servicekit.links.settings import LinkSettings
from servicekit.links.signed import Signer
from servicekit.settings import Env
from settings import MailSettings
from tests.support import certificate
from tests.support.machine import free_port
from tests.support.settings import NEEDED
from tests.support.smtp import DROP, SmtpServer

ADDRESS = "sender@example.com"


def settings(port: int, tls: str = "none", **more: str) -> MailSettings:
    env = Env(
        {
            "GMAIL_ADDRESS": ADDRESS,
            "GMAIL_PASSWORD": "app password",
            "SMTP_HOST": "localhost",
            "SMTP_PORT": str(port),
            "SMTP_TLS": tls,
            "SMTP_TIMEOUT": "2",
            **more,
        }
    )
    read = MailSettings.read(env)
    env.check()
    return read


def a_mail() -> EmailMessage:
    message = JobMessage(ObjectId(), "user@example.com", mp3_fid=ObjectId())
    return compose(message, ADDRESS, Signer(LinkSettings.read(Env(NEEDED))))


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def test_a_mail_is_done_once_the_server_has_taken_it(server: SmtpServer) -> None:
    send(settings(server.port), a_mail())
    (mail,) = server.mails
    assert (mail.sender, mail.recipients) == (ADDRESS, ("user@example.com",))
    assert mail.message["Subject"] == "MP3 Download"
    assert server.logins == [(ADDRESS, "app password")]


def test_gmail_with_starttls_is_the_default() -> None:
    read = MailSettings.read(Env({"GMAIL_ADDRESS": ADDRESS, "GMAIL_PASSWORD": "x"}))
    assert (read.host, read.port, read.tls) == ("smtp.gmail.com", 587, "starttls")
    assert (read.user, read.password, read.sender) == (ADDRESS, "x", ADDRESS)


def test_a_server_without_login_is_not_asked_for_one(server: SmtpServer) -> None:
    send(settings(server.port, SMTP_LOGIN="no"), a_mail())
    assert "AUTH" not in server.commands


@pytest.mark.parametrize("command", ["RCPT", "DATA", "BODY"])
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("550 no such user", PermanentError),
        ("451 try later", TemporaryRefusalError),
        ("421 closing", TemporaryRefusalError),
    ],
)
def test_a_refused_mail_is_dead_with_5xx_and_tried_again_with_4xx(
    command: str, reply: str, error: type[Exception], server: SmtpServer
) -> None:
    server.answer(command, reply)
    with pytest.raises(error, match=reply[:3]):
        send(settings(server.port), a_mail())
    assert server.mails == []


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY"])
def test_a_disconnect_at_any_point_is_an_outage(command: str, server: SmtpServer) -> None:
    server.answer(command, DROP)
    with pytest.raises(UnavailableError):
        send(settings(server.port), a_mail())
    assert server.mails == []


def test_a_disconnect_after_the_250_loses_nothing(server: SmtpServer) -> None:
    server.answer("QUIT", DROP)
    send(settings(server.port), a_mail())
    assert len(server.mails) == 1


@pytest.mark.parametrize("reply", ["535 bad credentials", "454 try later", "534 too weak"])
def test_a_refused_login_is_an_outage_and_not_the_mails_fault(
    reply: str, server: SmtpServer
) -> None:
    server.always("AUTH", reply)
    with pytest.raises(UnavailableError, match=reply[:3]):
        send(settings(server.port), a_mail())
    assert server.mails == []


def test_a_refused_sender_is_an_outage(server: SmtpServer) -> None:
    server.answer("MAIL", "550 not yours")
    with pytest.raises(UnavailableError):
        send(settings(server.port), a_mail())


def test_nobody_listening_is_an_outage() -> None:
    with pytest.raises(UnavailableError):
        send(settings(free_port()), a_mail())


def test_a_server_that_never_speaks_is_an_outage_after_the_timeout(server: SmtpServer) -> None:
    server.answer("CONNECT", "220-and then nothing")
    with pytest.raises(UnavailableError):
        send(settings(server.port, SMTP_TIMEOUT="0.3"), a_mail())


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_both_forms_of_tls_are_spoken_and_verified(tls: str, tmp_path: Path) -> None:
    context, authority = certificate.make(tmp_path)
    with SmtpServer(tls, context) as server:
        send(settings(server.port, tls, SMTP_CA_FILE=str(authority)), a_mail())
        assert len(server.mails) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_that_cannot_prove_its_name_gets_no_password(tls: str, tmp_path: Path) -> None:
    context, authority = certificate.make(tmp_path, "other.example")
    with SmtpServer(tls, context) as server:
        with pytest.raises(UnavailableError):
            send(settings(server.port, tls, SMTP_CA_FILE=str(authority)), a_mail())
        assert server.logins == []


def test_a_server_without_starttls_gets_no_password(server: SmtpServer) -> None:
    with pytest.raises(UnavailableError):
        send(settings(server.port, "starttls"), a_mail())
    assert server.logins == []
