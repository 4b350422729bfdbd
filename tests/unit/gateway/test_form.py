"""The multipart parser: what it makes of a body never depends on how the body arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.http.errors import RefusedError
from upload import form

BOUNDARY = "xYzZy"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(headers: str, content: bytes) -> bytes:
    return f"--{BOUNDARY}\r\n{headers}\r\n\r\n".encode() + content + b"\r\n"


def file_part(content: bytes, filename: str = 'filename="a.mp4"', name: str = "file") -> bytes:
    return part(f'Content-Disposition: form-data; name="{name}"; {filename}', content)


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def parse(*pieces: bytes, content_type: str = TYPE) -> tuple[form.Form, bytes]:
    stored = bytearray()
    return form.read(content_type, pieces, stored.extend), bytes(stored)


def refusal(*pieces: bytes, content_type: str = TYPE) -> str:
    with pytest.raises(RefusedError) as refused:
        parse(*pieces, content_type=content_type)
    return refused.value.text


near_boundary = st.sampled_from([b"\r", b"\n", b"-", b"\r\n--", b"\r\n--xYzZ", b"--xYzZy", b"x"])
contents = st.lists(near_boundary | st.binary(max_size=20), max_size=20).map(b"".join)


@given(content=contents, cuts=st.lists(st.integers(0, 400)))
def test_any_split_of_the_body_gives_the_same_form(content: bytes, cuts: list[int]) -> None:
    if b"\r\n--" + BOUNDARY.encode() in b"\r\n" + content:
        return
    whole = body(
        part('Content-Disposition: form-data; name="title"', "Lied für 😀".encode()),
        file_part(content),
        part('Content-Disposition: form-data; name="artist"', b""),
    )
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    pieces = [whole[a:b] for a, b in zip(edges, edges[1:], strict=False)]

    sent, stored = parse(*pieces)

    assert stored == content
    assert sent == form.Form("a.mp4", "video/mp4", {"title": "Lied für 😀", "artist": ""})


@given(end=st.integers(0, 130))
def test_a_body_without_its_end_is_refused(end: int) -> None:
    whole = body(file_part(b"data" * 5))
    cut = whole[: min(end, len(whole) - len("--\r\n"))]
    assert refusal(cut) == "The upload was cut off"


@pytest.mark.parametrize(
    ("filename", "stored"),
    [
        ('filename="häß 😀.mp4"', "häß 😀.mp4"),
        ("filename=\"x\"; filename*=UTF-8''h%C3%A4%F0%9F%98%80.mp4", "hä😀.mp4"),
        (r'filename="a \"b\".mp4"', 'a "b".mp4'),
        ('filename="a %22b%22.mp4"', 'a "b".mp4'),
        ('filename="../../etc/passwd"', "passwd"),
        (r'filename="C:\Users\me\film.mov"', "film.mov"),
    ],
)
def test_the_name_is_understood_as_curl_and_browsers_send_it(filename: str, stored: str) -> None:
    assert parse(body(file_part(b"x", filename)))[0].filename == stored


def test_a_name_in_latin_1_is_understood() -> None:
    raw = body(file_part(b"x", 'filename="hä.mp4"')).replace("ä".encode(), "ä".encode("latin-1"))
    assert parse(raw)[0].filename == "hä.mp4"


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part('Content-Disposition: form-data; name="file"', b"text")],
        [file_part(b"", 'filename=""')],
        [file_part(b"x", name="video")],
        [file_part(b"x", 'filename="/"')],
        [part("Content-Type: video/mp4", b"x")],
    ],
)
def test_a_form_without_a_file_is_refused(parts: list[bytes]) -> None:
    assert refusal(body(*parts)) == "No file provided"


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=x"]
)
def test_what_is_no_form_is_refused(kind: str) -> None:
    assert refusal(body(file_part(b"x")), content_type=kind) == "No file provided"


def test_a_second_file_is_refused() -> None:
    two = body(file_part(b"x"), file_part(b"y", name="other"))
    assert refusal(two) == "Only one file can be uploaded at a time"


def test_a_header_without_an_end_is_refused() -> None:
    assert refusal(b"--xYzZy\r\n" + b"a" * 10**6) == "The form is malformed"


def test_a_boundary_that_is_too_long_is_refused() -> None:
    kind = "multipart/form-data; boundary=" + "b" * 300
    assert refusal(b"", content_type=kind) == "The form is malformed"


def test_long_text_fields_are_refused_before_they_fill_the_memory() -> None:
    field = part('Content-Disposition: form-data; name="title"', b"t" * form.MAX_FIELD)
    assert refusal(field, field) == "The form's fields are too long"


def test_names_of_fields_count_as_their_contents_do() -> None:
    named = [part(f'Content-Disposition: form-data; name="{n}{"n" * 999}"', b"") for n in range(9)]
    assert refusal(*named) == "The form's fields are too long"


def test_empty_fields_without_end_are_refused() -> None:
    empty = part('Content-Disposition: form-data; name="a"', b"")
    nameless = part("X: y", b"")
    assert refusal(*[empty] * (form.MAX_PARTS + 1)) == "The form has too many fields"
    assert refusal(*[nameless] * (form.MAX_PARTS + 1)) == "The form has too many fields"


def test_the_declared_type_wins_over_the_name() -> None:
    headers = 'Content-Disposition: form-data; name="file"; filename="a.mp4"\r\nContent-Type: '
    assert parse(body(part(headers + "Video/WebM", b"x")))[0].content_type == "video/webm"
    octets = body(part(headers + "application/octet-stream", b"x"))
    assert parse(octets)[0].content_type == "video/mp4"
