"""What each route of the gateway answers to whom, by the form of the id that is asked for.

An answer is a status and a pattern of the whole body.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from bson import ObjectId

from tests.support.multipart import FORM_TYPE, form, part
from tests.support.people import EVERYBODY, SIGNED_IN, WITH_ACCOUNT
from tests.support.tus import PART, VERSION, metadata

Answer = tuple[int, str]

# From the owner's id, that of the same file in the other database, and a stranger's.
Form = Callable[[ObjectId, ObjectId, ObjectId], str]

OWN: dict[str, Form] = {
    "as it is": lambda own, _other, _strangers: str(own),
    "upper case": lambda own, _other, _strangers: str(own).upper(),
}
IDS: dict[str, Form] = OWN | {
    "a stranger's": lambda _own, _other, strangers: str(strangers),
    "a stranger's in upper case": lambda _own, _other, strangers: str(strangers).upper(),
    "of the other database": lambda _own, other, _strangers: str(other),
    "unknown": lambda *_: str(ObjectId()),
}
FORMS: dict[str, Form] = IDS | {
    "malformed": lambda *_: "nonsense",
    "empty": lambda *_: "",
    "twelve bytes": lambda *_: "abcdefghijkl",
    "too long": lambda own, *_: f"{own}0",
    "a space before": lambda own, *_: f"%20{own}",
    "a space after": lambda own, *_: f"{own}%20",
    "a line's end": lambda own, *_: f"{own}%0A",
    "a NUL": lambda own, *_: f"{own}%00",
    "a folder up": lambda own, *_: f"..%2f{own}",
    "digits of another script": lambda *_: "%EF%BC%91" * 24,
    "no UTF-8": lambda *_: "%FF" * 12,
    "an operator": lambda *_: "%7B%22$ne%22:null%7D",
}

UNAUTHORIZED = 401, "Unauthorized"
NOT_FOUND = 404, "Not Found"
NO_METHOD = 405, "Method Not Allowed"
NO_JOB = 404, "Job not found"
NO_CHAPTERS = 404, "The MP3 has no chapters"
NO_KEY = 404, "Key not found"
NO_WEBHOOK = 404, "Webhook not found"
NO_FEED = 404, "Feed not found"
NO_FILE = 404, "File not found"
NO_UPLOAD = 404, "Upload not found"
NO_PLACE = 400, "before must be the id of a job"
JOBS = 200, r'\{"jobs":\[.*\],"next":null\}\n'
SECRET = 200, r'\{"secret":"whsec_.+"\}\n'
USAGE = 200, r'\{"bytes":\d+,"mp3s":\{.*\},"quota":null,"videos":\{.*\}\}\n'
MP3 = 200, "OWNER"
ARCHIVE = 200, "PK.*OWNER.*PK.*"
NO_JOB_NAMED = 404, r"Job not found( \([0-9a-f]{24}\))?"
NO_IDS = 400, "ids must be those of 1 to 400 jobs, with commas between"


@dataclass(frozen=True)
class Route:
    """The answer to who may, and to whom that id is not.

    Of the `forms` of an id some are answered otherwise; `unrouted` ones lead nowhere, whoever asks.
    ID stands for the id, and OWNER for the owner's address. The id that is asked for is in
    the target or the body.
    """

    target: str
    allowed: Answer
    missing: Answer | None = None
    forms: dict[str, Answer] = field(default_factory=dict)
    unrouted: dict[str, Answer] = field(default_factory=dict)
    database: str = "video"  # where the id is of
    password: bool = False  # instead of a token
    let_in: tuple[str, ...] = SIGNED_IN
    body: bytes = b""
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, who: str, form: str) -> Answer:
        """What is due."""
        if form in self.unrouted:
            return self.unrouted[form]
        if who not in self.let_in:
            return UNAUTHORIZED
        if self.missing is None or self.is_owners(who, form):
            return self.allowed
        return self.forms.get(form, self.missing)

    def is_owners(self, who: str, form: str) -> bool:
        """Whether the id is good, and who asks may have what it names."""
        return who == "owner" and form in OWN

    def all_forms(self) -> dict[str, Form]:
        """Those that this route can be asked with."""
        has_id = "{id}" in self.target or b"{id}" in self.body
        return FORMS if has_id else {"as it is": OWN["as it is"]}


_NO_LINK = {"empty": NOT_FOUND, "a line's end": NOT_FOUND}
_NO_FEED = {"a folder up": NOT_FOUND, "empty": NOT_FOUND}
_LAST = {"a folder up": NOT_FOUND, "empty": NOT_FOUND}


def _upload(allowed: Answer, missing: Answer = NO_UPLOAD) -> Route:
    """A request of tus for what is a job by now."""
    headers = PART | {"Upload-Offset": "0"}
    return Route("/uploads/{id}", allowed, missing, headers=headers, unrouted=_LAST)


def _many(target: str, allowed: Answer, body: bytes = b"") -> Route:
    """A request for the jobs whose ids it has."""
    kind = "application/x-www-form-urlencoded" if body else ""
    return Route(target, allowed, NO_JOB_NAMED, forms={"empty": NO_IDS}, body=body, kind=kind)


LINK = 201, r'\{"expires":".+","url":".+/links/.+"\}\n'

ROUTES: dict[str, Route] = {
    "POST /login": Route("/login", (200, r"[\w.-]+"), password=True, let_in=WITH_ACCOUNT),
    "POST /logout": Route("/logout", (204, "")),
    "POST /password": Route(
        "/password",
        (400, "A password needs at least 8 characters"),
        password=True,
        let_in=WITH_ACCOUNT,
        body=b"password=short",
        kind="application/x-www-form-urlencoded",
    ),
    "POST /password/forgotten": Route(
        "/password/forgotten", (400, "email must be a mail address"), let_in=EVERYBODY
    ),
    "GET /registration": Route(
        "/registration", (200, r'\{"registration":"closed"\}\n'), let_in=EVERYBODY
    ),
    "POST /registration": Route(
        "/registration", (403, "Registration is not open"), let_in=EVERYBODY
    ),
    "GET /keys": Route("/keys", (200, r'\{"keys":\[\]\}\n')),
    "POST /keys": Route("/keys", (400, "name must be a text of 1 to 100 characters")),
    "DELETE /keys/{id}": Route("/keys/{id}", NO_KEY, NO_KEY, unrouted=_LAST),
    "POST /upload": Route(
        "/upload", (200, "success!"), body=form(part("file", b"x", "a.mp4")), kind=FORM_TYPE
    ),
    "OPTIONS /uploads": Route("/uploads", (204, ""), let_in=EVERYBODY),
    "POST /uploads": Route(
        "/uploads",
        (201, ""),
        headers=VERSION | {"Upload-Length": "1"} | metadata(filename="a.mp4"),
    ),
    "HEAD /uploads/{id}": _upload((200, "")),
    "PATCH /uploads/{id}": _upload((409, "Upload-Offset is not where the upload is")),
    "DELETE /uploads/{id}": _upload(NO_UPLOAD),  # of a whole one only the job can be removed
    "POST /uploads/{id}": _upload(NO_METHOD, NO_METHOD),
    "GET /download": Route(
        "/download?fid={id}",
        MP3,
        NO_FILE,
        forms={"empty": (400, "No fid provided")},
        database="mp3",
    ),
    "GET /jobs": Route(
        "/jobs?before={id}", JOBS, JOBS, forms={form: NO_PLACE for form in FORMS.keys() - IDS}
    ),
    "GET /jobs/{id}": Route("/jobs/{id}", (200, r'\{.*"id":"ID".*\}\n'), NO_JOB, unrouted=_LAST),
    "DELETE /jobs/{id}": Route("/jobs/{id}", (204, ""), NO_JOB, unrouted=_LAST),
    "POST /jobs/{id}/retry": Route(
        "/jobs/{id}/retry",
        (409, "Only a failed job can be retried"),
        NO_JOB,
        unrouted=_LAST,
    ),
    "GET /jobs/{id}/mp3": Route("/jobs/{id}/mp3", MP3, NO_JOB, unrouted=_LAST),
    "GET /jobs/archive": _many("/jobs/archive?ids={id}", ARCHIVE),
    "POST /jobs/archive": _many("/jobs/archive", ARCHIVE, b"ids={id}"),
    "GET /jobs/{id}/chapters": Route("/jobs/{id}/chapters", NO_CHAPTERS, NO_JOB, unrouted=_LAST),
    "GET /jobs/{id}/chapters/{number}": Route(
        "/jobs/{id}/chapters/1", NO_CHAPTERS, NO_JOB, unrouted=_LAST
    ),
    "POST /jobs/{id}/links": Route(
        "/jobs/{id}/links",
        LINK,
        NO_JOB,
        unrouted=_LAST,
    ),
    "POST /links": _many("/links", LINK, b"ids={id}"),
    "DELETE /links": Route("/links", (204, "")),
    "GET /links/{secret}": Route(
        "/links/{id}", NO_FILE, NO_FILE, unrouted=_NO_LINK, let_in=EVERYBODY
    ),
    "POST /feed": Route("/feed", (201, r'\{"url":".+/feed/.+\.rss"\}\n')),
    "GET /feed": Route("/feed", (200, r'\{"created":(null|".+")\}\n')),
    "DELETE /feed": Route("/feed", (204, "")),
    "GET /feed/{secret}.rss": Route(
        "/feed/{id}.rss", NO_FEED, NO_FEED, unrouted=_NO_FEED, let_in=EVERYBODY
    ),
    "GET /feed/{secret}/{id}.mp3": Route(
        "/feed/nonsense/{id}.mp3", NO_FEED, NO_FEED, unrouted=_NO_FEED, let_in=EVERYBODY
    ),
    "GET /usage": Route("/usage", USAGE),
    "GET /webhooks": Route("/webhooks", (200, r'\{"webhooks":\[\]\}\n')),
    "POST /webhooks": Route("/webhooks", (400, "url must be .*")),
    "DELETE /webhooks/{id}": Route("/webhooks/{id}", NO_WEBHOOK, NO_WEBHOOK, unrouted=_LAST),
    "GET /webhook-secret": Route("/webhook-secret", SECRET),
    "POST /webhook-secret": Route("/webhook-secret", SECRET),
    "GET /healthz": Route("/healthz", (200, "ok"), let_in=EVERYBODY),
    "GET /cli": Route("/cli", (200, r"#!/usr/bin/env python3\n.*"), let_in=EVERYBODY),
    "GET /openapi.json": Route("/openapi.json", (200, r"\{.*\}\s*"), let_in=EVERYBODY),
}
