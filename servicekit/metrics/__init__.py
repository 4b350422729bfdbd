"""What the services count: a module for each part of them; `docs/metrics.md` lists all."""

from typing import TYPE_CHECKING, Final

from prometheus_client import disable_created_metrics, make_wsgi_app

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

NAMESPACE: Final = "video2mp3"

# They say of each series when its process began.
disable_created_metrics()  # type: ignore[no-untyped-call]


def exposition() -> "WSGIApplication":
    """What a scraper is served."""
    return make_wsgi_app()
