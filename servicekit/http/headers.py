"""What every answer says of itself to browsers and caches, unless its view knows better."""

from flask import Flask, Response, request

DEFAULTS = {
    "Cache-Control": "no-store",  # most answers need a token, or are one
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # some addresses are as good as a token
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # no document
}
# For a year, and the host's subdomains too: OWASP ASVS 5.0.0, 3.4.1.
_STAY_WITH_TLS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def register(app: Flask) -> None:
    """Give every answer of `app` the headers that it lacks."""
    app.after_request(_complete)


def _complete(response: Response) -> Response:
    for name, value in DEFAULTS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:  # RFC 6797, section 7.2: never over plain HTTP
        response.headers.set(*_STAY_WITH_TLS)
    return response
