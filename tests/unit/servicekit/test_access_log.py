"""What is counted of the requests is bounded, whatever clients invent."""

from prometheus_client import REGISTRY

from servicekit.http.app import make_app


def _series() -> int:
    return sum(
        len(family.samples)
        for family in REGISTRY.collect()
        if family.name.startswith("video2mp3_http_")
    )


def test_invented_methods_and_paths_are_one_series() -> None:
    client = make_app("any").test_client()
    client.open("/healthz", method="INVENTED")
    client.open("/invented", method="INVENTED")
    before = _series()
    for n in range(20):
        client.open("/healthz", method=f"INVENTED{n}")
        client.open(f"/invented{n}", method=f"INVENTED{n}")
    assert _series() == before


def test_known_methods_are_counted_by_name() -> None:
    labels = {"method": "GET", "endpoint": "healthz", "code": "200"}
    before = REGISTRY.get_sample_value("video2mp3_http_requests_total", labels) or 0
    make_app("any").test_client().get("/healthz")
    assert REGISTRY.get_sample_value("video2mp3_http_requests_total", labels) == before + 1
