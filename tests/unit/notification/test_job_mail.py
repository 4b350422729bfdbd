"""A mail goes to one address, the user's, whatever a message says."""

import json
import re
from datetime import datetime
from email.message import EmailMessage, MIMEPart

import pytest
from bson import ObjectId
from hypothesis import example, given
from hypothesis import strategies as st

from job_mail import compose
from servicekit.about import about
from servicekit.errors import PermanentError
from servicekit.jobs.message import JobMessage
from servicekit.links.settings import LinkSettings
from servicekit.links.signed import Signer

VIDEO, MP3 = ObjectId(), ObjectId()
SENDER = "sender@example.com"
LINKS = LinkSettings("s" * 32, "", "https://example.com", 3600, 0)
SIGNER = Signer(LINKS)


def done(username: str) -> JobMessage:
    return JobMessage(VIDEO, username, mp3_fid=MP3)


def part(mail: EmailMessage, kind: str) -> MIMEPart:
    found = mail.get_body((kind,))
    assert found is not None
    return found


def test_the_mail_about_an_mp3_is_the_documented_one() -> None:
    mail = compose(done("user@example.com"), SENDER, SIGNER)
    assert mail["Subject"] == "MP3 Download"
    assert (mail["From"], mail["To"]) == (SENDER, "user@example.com")
    assert part(mail, "plain").as_string() == (
        'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: 7bit\n\n'
        f"mp3 file_id: {MP3} is now ready!\n"
    )


def test_who_reads_html_gets_a_link_to_that_mp3() -> None:
    html = part(compose(done("user@example.com"), SENDER, SIGNER), "html").get_content()
    assert f"mp3 file_id: {MP3} is now ready!" in html
    (signed,) = re.findall(r'href="https://example\.com/links/([^"]+)"', html)
    assert SIGNER.read(signed).mp3_ids == (MP3,)
    (end,) = re.findall(r"until (.+? UTC)\.", html)
    assert datetime.strptime(f"{end}+0000", "%d %B %Y, %H:%M UTC%z") <= SIGNER.read(signed).expires


def test_the_mail_about_a_failure_gives_the_reason() -> None:
    mail = compose(JobMessage(VIDEO, "user@example.com", error="no audio track"), SENDER, SIGNER)
    assert mail["Subject"] == "MP3 conversion failed"
    assert not mail.is_multipart()
    assert "no audio track" in mail.get_content()
    assert str(VIDEO) in mail.get_content()


def test_a_long_reason_is_one_line_of_the_raw_mail() -> None:
    reason = "there is no picture at the time given for the cover"
    mail = compose(JobMessage(VIDEO, "user@example.com", error=reason), SENDER, SIGNER)
    assert f"{VIDEO} could not be converted: {reason}\n" in mail.as_string()


def test_a_message_delivered_twice_gives_the_same_message_id() -> None:
    ids = {compose(done("user@example.com"), SENDER, SIGNER)["Message-ID"] for _ in range(2)}
    assert ids == {f"<{MP3}@example.com>"}


def test_another_failure_after_a_retry_gives_another_message_id() -> None:
    failures = [
        JobMessage(VIDEO, "user@example.com", error="no audio track", retries=retries)
        for retries in (0, 0, 1, 2)
    ]
    ids = [compose(failure, SENDER, SIGNER)["Message-ID"] for failure in failures]
    assert ids[0] == ids[1] == f"<{VIDEO}.failed@example.com>"
    assert len(set(ids)) == 3


def test_a_message_without_mp3_and_without_error_is_dead() -> None:
    with pytest.raises(PermanentError):
        compose(JobMessage(VIDEO, "user@example.com"), SENDER, SIGNER)


@pytest.mark.parametrize(
    "username",
    [
        "a@b.com, evil@x.com",
        "a@b.com,evil@x.com",
        "a@b.com; evil@x.com",
        "a@b.com evil@x.com",
        "a@b.com\r\nBcc: evil@x.com",
        "a@b.com\nBcc: evil@x.com",
        "a@b.com\rBcc: evil@x.com",
        "a@b.com\r\n",
        "<a@b.com>, <evil@x.com>",
        "Name <a@b.com>",
        "group: a@b.com, evil@x.com;",
        '"a\r\nBcc: evil@x.com"@b.com',
        "a@b.com\0",
        "a@",
        "@b.com",
        "name",
        " ",
        "\ud800@b.com",
        "a@b.com\udfff",
    ],
)
def test_what_is_not_one_plain_address_is_dead(username: str) -> None:
    with pytest.raises(PermanentError):
        compose(done(username), SENDER, SIGNER)


@pytest.mark.parametrize(
    "username", ["a@b.com", "first.last+tag@sub.example.org", "o'neill@b.com", "j@müller.de"]
)
def test_plain_addresses_are_mailed(username: str) -> None:
    mail = compose(done(username), SENDER, SIGNER)
    assert [address.addr_spec for address in mail["To"].addresses] == [username]


def test_a_mail_names_the_request_that_it_goes_back_to() -> None:
    with about(request_id="req-7"):
        mail = compose(done("user@example.com"), SENDER, SIGNER)
    assert mail["X-Request-Id"] == "req-7"
    assert "X-Request-Id" not in compose(done("user@example.com"), SENDER, SIGNER)


HEADERS = compose(done("user@example.com"), SENDER, SIGNER).keys()
NASTY = st.text(alphabet=st.sampled_from('ab@.,;:<>()[]"\\ \r\n\t\0é=?_\ud800\u2028'), max_size=20)


@given(
    st.one_of(
        NASTY, st.text(st.characters()), st.emails(), st.builds("{}@b.com{}".format, NASTY, NASTY)
    )
)
@example("a@b.com\u2028Bcc: evil@x.com")
@example("=?utf-8?q?a=40b.com=2Cevil?=@x.com")
def test_no_username_adds_a_recipient_or_a_header(username: str) -> None:
    try:
        mail = compose(done(username), SENDER, SIGNER)
    except PermanentError:
        return
    assert len(mail["To"].addresses) == 1
    head = mail.as_bytes().partition(b"\n\n")[0].decode(errors="surrogateescape")
    names = [line.partition(":")[0] for line in head.split("\n") if line[:1] not in " \t"]
    assert sorted(names) == sorted(HEADERS)


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_no_reason_for_a_failure_adds_a_header(reason: str) -> None:
    body = json.dumps(
        {"video_fid": str(VIDEO), "username": "user@example.com", "error": reason}
    ).encode()
    mail = compose(JobMessage.decode(body), SENDER, SIGNER)
    assert mail["To"].addresses[0].addr_spec == "user@example.com"
    assert set(mail.keys()) == {*HEADERS, "Content-Transfer-Encoding"}
    assert mail.as_bytes()
