"""The mail with a code goes to its user, and the code to nobody else."""

import dataclasses
import logging
import threading
import time

import pytest

from code_mail import compose
from consumer import Notifier, decode
from servicekit.accounts.message import CodeMessage, Purpose
from servicekit.errors import PermanentError
from servicekit.jobs.message import JobMessage
from settings import MailSettings
from tests.unit.notification.test_job_mail import LINKS, SENDER
from tests.unit.notification.test_job_mail import done as of_a_job

SITE = "https://example.com"
MESSAGE = CodeMessage("user@example.com", Purpose.RESET, "abc.def_-9", 4_000_000_000)


@pytest.mark.parametrize("purpose", Purpose)
def test_the_mail_has_the_link_and_says_why_and_until_when(purpose: Purpose) -> None:
    mail = compose(dataclasses.replace(MESSAGE, purpose=purpose), SENDER, SITE)
    assert (mail["From"], mail["To"]) == (SENDER, "user@example.com")
    lines = mail.get_content().splitlines()
    assert f"{SITE}/#code=abc.def_-9" in lines
    assert f"at {SITE}." in lines[0]
    assert "before 2 October 2096, 07:06 UTC" in mail.get_content()


def test_each_purpose_has_its_own_words() -> None:
    mails = [
        compose(dataclasses.replace(MESSAGE, purpose=purpose), SENDER, SITE) for purpose in Purpose
    ]
    assert len({mail["Subject"] for mail in mails}) == len(Purpose)
    assert len({mail.get_content() for mail in mails}) == len(Purpose)


def test_a_message_delivered_twice_gives_the_same_message_id_and_another_code_another() -> None:
    other = dataclasses.replace(MESSAGE, code="other")
    ids = [compose(message, SENDER, SITE)["Message-ID"] for message in (MESSAGE, MESSAGE, other)]
    assert ids[0] == ids[1] != ids[2]
    assert "abc.def" not in ids[0]


def test_a_name_that_is_no_address_is_dead() -> None:
    with pytest.raises(PermanentError):
        compose(dataclasses.replace(MESSAGE, username="a@b.com, evil@x.com"), SENDER, SITE)


def test_both_kinds_of_messages_are_told_apart() -> None:
    job = of_a_job("user@example.com")
    assert decode(MESSAGE.encode().encode()) == MESSAGE
    assert decode(job.encode().encode()) == job
    assert isinstance(job, JobMessage)


def test_a_code_that_has_ended_is_not_mailed(caplog: pytest.LogCaptureFixture) -> None:
    late = dataclasses.replace(MESSAGE, expires=int(time.time()) - 1)
    settings = MailSettings("nowhere", 25, "none", "", False, "", "", SENDER, 1)
    notifier = Notifier(settings, LINKS)
    with caplog.at_level(logging.WARNING):
        notifier.handle(late, threading.Event())
    assert "The code has ended" in caplog.text
