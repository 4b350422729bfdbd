"""Requests that no honest client sends, by name: the bytes, and the status of each answer due.

`TOKEN` stands for a user's. Where a hidden request could be smuggled in, it asks for /openapi.json
and would get a 200.
"""

Row = tuple[bytes, tuple[int, ...]]

_HOST = b"Host: video2mp3.com\r\n"
_HIDDEN = b"GET /openapi.json HTTP/1.1\r\n" + _HOST + b"\r\n"
_BEARER = b"Authorization: Bearer TOKEN\r\n"


def _get(fields: bytes = b"", target: bytes = b"/jobs", version: bytes = b"HTTP/1.1") -> bytes:
    return b"GET " + target + b" " + version + b"\r\n" + _HOST + _BEARER + fields + b"\r\n"


def _post(fields: bytes, body: bytes, target: bytes = b"/upload") -> bytes:
    return b"POST " + target + b" HTTP/1.1\r\n" + _HOST + _BEARER + fields + b"\r\n" + body


def _chunked(body: bytes, encoding: bytes = b"chunked") -> bytes:
    return _post(b"Transfer-Encoding: " + encoding + b"\r\n" + _FORM, body)


_FORM = b"Content-Type: multipart/form-data; boundary=b\r\n"


def _form(body: bytes, kind: bytes = _FORM) -> bytes:
    return _post(kind + b"Content-Length: %d\r\n" % len(body), body)


def _part(fields: bytes, content: bytes = b"x") -> bytes:
    return b"--b\r\n" + fields + b"\r\n\r\n" + content + b"\r\n"


_FIELD = b'Content-Disposition: form-data; name="f"'
_FILE = b'Content-Disposition: form-data; name="file"; filename="a.mp4"'
_END = b"--b--\r\n"
_WHOLE = _part(_FILE) + _END  # a form that is accepted

SMUGGLING: dict[str, Row] = {
    "cl_te": (
        _post(b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + _HIDDEN),
        (400,),
    ),
    "te_cl": (
        _post(
            b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", b"1\r\nZ\r\n0\r\n\r\n" + _HIDDEN
        ),
        (400,),
    ),
    "te_te": (
        _post(
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n" + _HIDDEN
        ),
        (400,),
    ),
    "te_chunked_twice": (_chunked(b"0\r\n\r\n" + _HIDDEN, b"chunked, chunked"), (400,)),
    "te_unknown": (_chunked(b"0\r\n\r\n" + _HIDDEN, b"xchunked"), (501,)),
    "te_chunked_not_last": (_chunked(b"0\r\n\r\n" + _HIDDEN, b"chunked, gzip"), (400,)),
    "te_vertical_tab": (_chunked(b"0\r\n\r\n" + _HIDDEN, b"\x0bchunked"), (400,)),
    "te_in_http_1_0": (
        _post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + _HIDDEN).replace(
            b"HTTP/1.1", b"HTTP/1.0", 1
        ),
        (400,),
    ),
    "two_lengths": (_post(b"Content-Length: 0\r\nContent-Length: 9\r\n", _HIDDEN), (400,)),
    "two_equal_lengths": (_post(b"Content-Length: 0\r\nContent-Length: 0\r\n", _HIDDEN), (400,)),
    "length_list": (_post(b"Content-Length: 0, 0\r\n", _HIDDEN), (400,)),
    "length_plus": (_post(b"Content-Length: +0\r\n", _HIDDEN), (400,)),
    "length_minus": (_post(b"Content-Length: -1\r\n", _HIDDEN), (400,)),
    "length_hex": (_post(b"Content-Length: 0x0\r\n", _HIDDEN), (400,)),
    "length_empty": (_post(b"Content-Length: \r\n", _HIDDEN), (400,)),
    "length_words": (_post(b"Content-Length: 0 0\r\n", _HIDDEN), (400,)),
    "length_underscore": (_post(b"Content-Length: 1_0\r\n", _HIDDEN), (400,)),
    "length_arabic_digit": (_post("Content-Length: \u0660\r\n".encode(), _HIDDEN), (400,)),
    "folded_field": (_get(b"X-Folded: a\r\n b\r\n"), (400,)),
    "bare_lf": (_get().replace(b"\r\n", b"\n"), (400,)),
    "space_before_colon": (_post(b"Content-Length : 5\r\n", b"hello" + _HIDDEN), (400,)),
    "space_before_name": (_post(b" Content-Length: 5\r\n", b"hello" + _HIDDEN), (400,)),
    "nul_in_value": (_get(b"X-Nul: a\0b\r\n"), (400,)),
    "nul_in_name": (_get(b"X-N\0ul: a\r\n"), (400,)),
    "cr_in_value": (_get(b"X-Cr: a\rb\r\n"), (400,)),
    "field_without_colon": (_get(b"Nonsense\r\n"), (400,)),
    "field_without_name": (_get(b": a\r\n"), (400,)),
    "pipelined": (_get() + _HIDDEN, (200, 200)),
    "body_of_a_get_is_no_request": (
        _get(b"Content-Length: %d\r\n" % len(_HIDDEN)) + _HIDDEN,
        (200,),
    ),
}

HEADERS: dict[str, Row] = {
    "many_fields": (_get(b"".join(b"X-%d: a\r\n" % n for n in range(200))), (431,)),
    "long_field": (_get(b"X-Long: " + b"a" * 10_000 + b"\r\n"), (431,)),
    "header_without_end": (b"GET /jobs HTTP/1.1\r\n" + b"X: a\r\n" * 10_000, (431,)),
    "long_target": (_get(target=b"/" + b"a" * 9_000), (414,)),
    "unknown_method": (_get().replace(b"GET", b"BREW", 1), (405,)),
    "lower_case_method": (_get().replace(b"GET", b"get", 1), (400,)),
    "long_method": (_get().replace(b"GET", b"A" * 200, 1), (400,)),
    "trace": (_get().replace(b"GET", b"TRACE", 1), (405,)),
    "http_0_9": (b"GET /jobs\r\n\r\n", (400,)),
    "http_2_preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400,)),
    "http_9_9": (_get(version=b"HTTP/9.9"), (400,)),
    "version_of_another": (_get(version=b"SIP/2.0"), (400,)),
    "absolute_form": (_get(target=b"http://video2mp3.com/jobs"), (200,)),
    "authority_form": (b"CONNECT a.example:443 HTTP/1.1\r\n" + _HOST + b"\r\n", (404,)),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\n" + _HOST + b"\r\n", (404,)),
    "no_host": (b"GET /jobs HTTP/1.1\r\n" + _BEARER + b"\r\n", (400,)),
    "two_hosts": (_get(b"Host: a.example\r\n"), (400,)),
    "continue": (_post(b"Expect: 100-continue\r\nContent-Length: 1\r\n" + _FORM, b"x"), (100, 400)),
    "unknown_expect": (_get(b"Expect: tea\r\n"), (417,)),
    "h2c": (
        _get(
            b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n"
        ),
        (200,),
    ),
    "connection_hides_the_token": (_get(b"Connection: close, Authorization\r\n"), (200,)),
    "script_name": (_get(b"SCRIPT_NAME: /x\r\n"), (200,)),
    "path_info": (_get(b"PATH_INFO: /x\r\n"), (200,)),
    "underscored_field": (_get(b"Content_Length: 5\r\n"), (200,)),
    "method_override": (_get(b"X-HTTP-Method-Override: DELETE\r\n"), (200,)),
    "forwarded": (
        _get(
            b"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
            b"X-Forwarded-Host: a.example\r\n"
        ),
        (200,),
    ),
    "nothing": (b"", ()),
    "line_ends_only": (b"\r\n\r\n", (400,)),
    "tls_hello": (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(20) + b"\r\n\r\n",
        (400,),
    ),
}

BODIES: dict[str, Row] = {
    "bad_chunk_size": (_chunked(b"zz\r\nx\r\n0\r\n\r\n"), (400,)),
    "negative_chunk_size": (_chunked(b"-1\r\nx\r\n0\r\n\r\n"), (400,)),
    "huge_chunk_size": (_chunked(b"f" * 40 + b"\r\nx\r\n"), (400,)),
    "chunk_longer_than_said": (_chunked(b"1\r\nxyz\r\n0\r\n\r\n"), (400,)),
    "chunk_extension": (_chunked(b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (len(_WHOLE), _WHOLE)), (200,)),
    "no_last_chunk": (_chunked(b"1\r\nx\r\n"), (400,)),
    "trailers": (
        _chunked(b"%x\r\n%b\r\n0\r\nContent-Length: 9\r\n\r\n" % (len(_WHOLE), _WHOLE)),
        (400,),
    ),
    "cut_off": (_post(_FORM + b"Content-Length: 100\r\n", b"--b\r\n"), (400,)),
    "no_length": (_post(_FORM, b""), (400,)),
    "many_parts": (_form(_part(_FIELD, b"") * 10_000 + _WHOLE), (400,)),
    "no_boundary": (_form(b"--b--\r\n", b"Content-Type: multipart/form-data\r\n"), (400,)),
    "long_boundary": (
        _form(
            b"--b--\r\n", b"Content-Type: multipart/form-data; boundary=" + b"b" * 4_000 + b"\r\n"
        ),
        (400,),
    ),
    "nested": (
        _form(_part(b"Content-Type: multipart/mixed; boundary=c\r\n" + _FIELD, b"--c--") + _WHOLE),
        (200,),
    ),
    "part_without_name": (_form(_part(b"Content-Disposition: form-data") + _WHOLE), (200,)),
    "part_header_without_end": (_form(b"--b\r\nX: " + b"a" * 100_000), (400,)),
    "two_files": (_form(_part(_FILE) + _WHOLE), (400,)),
    "form_urlencoded": (
        _form(b"file=x", b"Content-Type: application/x-www-form-urlencoded\r\n"),
        (400,),
    ),
}

# Of an MP3 of ten bytes; its job's id goes where JOB stands.
RANGES: dict[str, Row] = {
    name: (
        b"GET /jobs/JOB/mp3 HTTP/1.1\r\n"
        + _HOST
        + _BEARER
        + b"Range: bytes="
        + value
        + b"\r\n\r\n",
        due,
    )
    for name, value, due in (
        ("a_thousand", b",".join(b"%d-%d" % (n, n) for n in range(1000)), (200,)),
        ("overlapping", b"0-9,5-14,0-", (200,)),
        ("negative", b"-0", (416,)),
        ("backwards", b"9-1", (200,)),
        ("nineteen_digits_are_no_range", b"9999999999999999999-", (200,)),
        ("first_byte", b"0-0", (206,)),
    )
}

ROWS = SMUGGLING | HEADERS | BODIES | RANGES
HONEST = _get(b"Connection: close\r\n")

# What the answer says, where the status alone would not tell why.
TEXTS: dict[str, bytes] = {
    "chunk_extension": b"success!",
    "trailers": b"The upload was cut off",
    "many_parts": b"The form has too many fields",
    "nested": b"success!",
    "part_without_name": b"success!",
    "two_files": b"Only one file can be uploaded at a time",
    "a_thousand": b"0123456789",
    "first_byte": b"0",
}

# Where nginx answers itself, or mends the request before it passes it on. To who goes away in the
# middle of a body it says nothing, nor does HTTP/0.9 have a status.
BEHIND_NGINX: dict[str, tuple[int, ...]] = {
    "te_chunked_twice": (501,),
    "te_chunked_not_last": (501,),
    "te_vertical_tab": (501,),
    "bare_lf": (200,),
    "field_without_colon": (200,),
    "long_field": (400,),
    "header_without_end": (400,),
    "http_0_9": (0,),
    "http_9_9": (505,),
    "authority_form": (400,),
    "asterisk": (400,),
    "unknown_expect": (200,),
    "line_ends_only": (),
    "no_last_chunk": (),
    "trailers": (200,),
    "cut_off": (),
}
TEXTS_BEHIND_NGINX = {"trailers": b"success!"}
