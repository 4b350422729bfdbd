"""Random requests: such as the description allows, and bytes that only look like HTTP."""

from typing import Any
from urllib.parse import quote

import schemathesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis import Case
from schemathesis.core.result import Ok

from tests.support.project import ROOT

TARGETS: dict[str, list[bytes]] = {
    "gateway": [
        *(
            b"/",
            b"/login",
            b"/logout",
            b"/password",
            b"/upload",
            b"/uploads",
            b"/download?fid=",
            b"/static/",
        ),
        *(b"/jobs", b"/jobs?before=", b"/jobs/", b"/jobs/x/retry", b"/jobs/x/mp3", b"/healthz"),
    ],
    "auth": [b"/", b"/login", b"/logout", b"/password", b"/validate", b"/healthz"],
    "health": [b"/livez", b"/readyz", b"/metrics", b"/metrics?name[]=", b"/"],
}
_METHODS = [b"GET", b"POST", b"HEAD", b"DELETE", b"PUT", b"OPTIONS"]
_CREDENTIALS = [
    *(b"Bearer TOKEN", b"Bearer TOKEN", b"Bearer a.b.c", b"Bearer", b"Digest a=b"),
    *(b"Basic YTpi", b"Basic !", b"Basic /////w==", b"Basic Og==", b"Basic"),
]
_KINDS = [b"multipart/form-data; boundary=b", b"application/x-www-form-urlencoded", b"text/plain"]
_NAMES = [
    *(b"Range", b"If-Range", b"If-None-Match", b"If-Modified-Since", b"Idempotency-Key"),
    *(b"Accept", b"Accept-Encoding", b"Cookie", b"Upgrade", b"Connection", b"X-Forwarded-Proto"),
]
_VALUES = [b"", b"*", b"0", b"bytes=0-", b"bytes=-1", b'W/"a"', b"close", b"gzip;q=x", b"a=b; c"]
_BODIES = [
    *(b"", b"password=long%00enough", b"password=" + b"a" * 10_000, b"--b--\r\n"),
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="bitrate"\r\n\r\n\xff\r\n--b--\r\n',
]

# What breaks HTTP itself: few requests have it, for little of them gets past the parser.
_WILD_LINES = [b"get", b"TRACE", b"BREW", b"GET  ", b"\x16\x03\x01"]
_WILD_FIELDS = [
    *(b"Content-Length: -1", b"Content-Length: 5", b"Content-Length: 99999999999999999999"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip", b"Expect: 100-continue"),
    *(b"Host: b", b"SCRIPT_NAME: /x", b"X-\xff: a", b"X: \xff\x80", b" folded", b"X", b": x"),
]


def described() -> SearchStrategy[Case[Any]]:
    """Requests to each operation of the gateway's openapi.json."""
    schema = schemathesis.openapi.from_path(ROOT / "gateway/openapi.json")
    found = schema.get_all_operations()
    return st.one_of([each.ok().as_strategy() for each in found if isinstance(each, Ok)])


def raw(door: str) -> SearchStrategy[bytes]:
    """Bytes for a door, a good token where TOKEN stands in them, and a source where SOURCE does."""
    target = st.builds(
        lambda path, rest: path + rest, st.sampled_from(TARGETS[door]), _or([b""], _quoted(40))
    )
    fields = st.lists(st.tuples(st.sampled_from(_NAMES), _or(_VALUES, _quoted(60))), max_size=5)
    kind, credentials = st.sampled_from(_KINDS), _or(_CREDENTIALS, _quoted(60))
    body = _or(_BODIES, st.binary(max_size=500))
    tame = st.builds(
        _request, st.sampled_from(_METHODS), target, credentials, kind, fields, body, st.just([])
    )
    flaws = st.lists(_or(_WILD_FIELDS, st.binary(max_size=20)), min_size=1, max_size=2)
    method = _or(_WILD_LINES, st.sampled_from(_METHODS))
    wild = st.builds(_request, method, target, credentials, kind, fields, body, flaws)
    return st.integers(0, 3).flatmap(lambda n: wild if n == 0 else tame)


def _request(
    method: bytes,
    target: bytes,
    credentials: bytes,
    kind: bytes,
    fields: list[tuple[bytes, bytes]],
    body: bytes,
    flaws: list[bytes],
) -> bytes:
    head = [
        b"%b %b HTTP/1.1" % (method, target),
        b"Host: a",
        b"Authorization: " + credentials,
        b"Content-Type: " + kind,
        b"Content-Length: %d" % len(body),
        *(b"%b: %b" % field for field in fields),
        *flaws,
        b"X-Forwarded-For: SOURCE",
    ]
    return b"\r\n".join([*head, b"", body])


def _or(known: list[bytes], others: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    return st.sampled_from(known) | others


def _quoted(length: int) -> SearchStrategy[bytes]:
    """Any bytes, as a URL or a field's value carries them."""
    return st.binary(max_size=length).map(lambda some: quote(some).encode())
