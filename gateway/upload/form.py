"""A multipart/form-data body, parsed as it arrives: one file, and a few short text fields."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from werkzeug.http import parse_options_header

from servicekit.http.errors import RefusedError
from servicekit.http.problem import Code
from upload import filename

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_HEADER = 32 * 1024  # bytes; names of thousands of characters are cut later, not refused
MAX_FIELD = 8 * 1024  # bytes in all text fields together, with their names
MAX_PARTS = 64  # five times the options that there are

# Browsers and curl escape quotes only: any other backslash is one of a Windows path.
_LONE_BACKSLASH = re.compile(r'\\(?!["\\])')

Sink = Callable[[memoryview], object]


@dataclass
class Form:
    """What the client sent: the file's name and type, and the text fields."""

    filename: str = ""
    content_type: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def read(content_type: str, body: Iterable[bytes], sink: Sink) -> Form:
    """Parse `body`, passing the bytes of the field `file` to `sink`.

    RefusedError when the form is broken, or has not exactly one file; some of it may then have
    reached the sink. What the sink raises comes through.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary")
    if kind.lower() != "multipart/form-data" or not boundary:
        raise RefusedError("No file provided", 400, Code.NO_FILE)
    reader = _Reader(sink)
    try:
        parser = MultipartParser(boundary, reader.callbacks(), max_header_size=MAX_HEADER)
        for piece in body:
            parser.write(piece)
    except FormParserError as error:
        raise RefusedError("The form is malformed") from error
    if not reader.ended:
        raise RefusedError("The upload was cut off", 400, Code.UPLOAD_CUT_OFF)
    if not reader.form.filename:
        raise RefusedError("No file provided", 400, Code.NO_FILE)
    return reader.form


class _Reader:
    """The parser's callbacks: headers come in pieces, and so do contents."""

    def __init__(self, sink: Sink) -> None:
        self.form = Form()
        self.ended = False
        self._sink = sink
        self._header, self._value = bytearray(), bytearray()
        self._headers: dict[str, str] = {}
        self._field: str | None = None
        self._text = bytearray()
        self._texts = self._parts = 0
        self._in_file = False

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser is to call."""
        return {
            "on_part_begin": self._part_begin,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise RefusedError("The form has too many fields")
        self._headers.clear()
        self._field, self._in_file = None, False

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = _decode(self._value)
        self._header.clear()
        self._value.clear()

    def _headers_finished(self) -> None:
        disposition = _LONE_BACKSLASH.sub(r"\\\\", self._headers.get("content-disposition", ""))
        _, options = parse_options_header(disposition)
        if options.get("filename"):
            self._file_begin(options.get("name"), options["filename"])
        else:
            self._field = options.get("name")
            self._count(len(self._field or ""))

    def _file_begin(self, name: str | None, file: str) -> None:
        if self.form.filename:
            raise RefusedError("Only one file can be uploaded at a time")
        self.form.filename = filename.clean(file)
        if name != "file" or not self.form.filename:
            raise RefusedError("No file provided", 400, Code.NO_FILE)
        declared, _ = parse_options_header(self._headers.get("content-type"))
        self.form.content_type = filename.content_type(declared.lower(), self.form.filename)
        self._in_file = True

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._sink(memoryview(data)[start:end])
            return
        self._count(end - start)
        self._text += data[start:end]

    def _count(self, size: int) -> None:
        self._texts += size
        if self._texts > MAX_FIELD:
            raise RefusedError("The form's fields are too long")

    def _part_end(self) -> None:
        if self._field is not None:
            self.form.fields[self._field] = _decode(self._text)
        self._text.clear()

    def _end(self) -> None:
        self.ended = True


def _decode(raw: bytearray) -> str:
    """UTF-8 as curl and browsers send it, Latin-1 as what is left of older ones."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
