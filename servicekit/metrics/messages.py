"""What a worker counts of the messages on its queue."""

from prometheus_client import Counter, Gauge, Histogram

from servicekit.metrics import NAMESPACE

MESSAGES = Counter(
    "messages",
    "Messages handled, by what became of them",
    ["queue", "outcome"],
    namespace=NAMESPACE,
)
SECONDS = Histogram(
    "message_duration_seconds",
    "Time from the delivery of a message to its outcome",
    ["queue"],
    namespace=NAMESPACE,
    buckets=(0.1, 1, 5, 15, 60, 300, 1800),
)
ATTEMPTS = Counter(
    "attempts", "Attempts at messages, those after a pause included", ["queue"], namespace=NAMESPACE
)
PAUSED = Gauge(
    "queue_paused",
    "Whether an operator paused the queue (1), as the worker last saw it",
    ["queue"],
    namespace=NAMESPACE,
)
