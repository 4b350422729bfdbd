"""Where a webhook may go, as far as its address alone can tell."""

from urllib.parse import SplitResult, urlsplit

MAX_URL = 2000  # characters
ALLOWED = f"an http or https URL of at most {MAX_URL} ASCII characters, without a login or fragment"
# Below 1024 are the well-known services of others, which would take a webhook for something else.
_WEB_PORTS, _FIRST_USER_PORT = (80, 443), 1024  # RFC 6335, section 6


def webhook_url(text: str) -> str | None:
    """The URL that `text` is; None where it is none that a webhook may go to.

    What a name stands for is looked up when a webhook goes there, and not before: it may change.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return text if _is_plain(text) and _is_web(parts.scheme, port) and _names(parts) else None


def _is_plain(text: str) -> bool:
    return len(text) <= MAX_URL and text.isascii() and text.isprintable() and " " not in text


def _is_web(scheme: str, port: int | None) -> bool:
    known = port is None or port in _WEB_PORTS or port >= _FIRST_USER_PORT
    return scheme in ("http", "https") and known


def _names(parts: SplitResult) -> bool:
    """Whether it names a host, and neither a user nor a place within a page."""
    return bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
