"""What a service that speaks HTTP counts; none of the labels is a client's own text."""

from prometheus_client import Counter, Gauge, Histogram

from servicekit.metrics import NAMESPACE

REQUESTS = Counter(
    "http_requests", "Requests answered", ["method", "endpoint", "code"], namespace=NAMESPACE
)
SECONDS = Histogram(
    "http_request_duration_seconds",
    "Time until a request was answered; what is streamed comes after that",
    ["method", "endpoint"],
    namespace=NAMESPACE,
)
WAITING = Gauge("http_requests_waiting", "Requests that wait for a thread now", namespace=NAMESPACE)
REFUSALS = Counter("refusals", "Requests that a limit refused", ["limit"], namespace=NAMESPACE)
