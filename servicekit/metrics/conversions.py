"""What a converter counts of its conversions."""

from prometheus_client import Counter, Histogram

from servicekit.metrics import NAMESPACE

ENDED = Counter(
    "jobs_ended",
    "Jobs that ended here; the reason is the code of the failure, or empty",
    ["state", "reason"],
    namespace=NAMESPACE,
)
QUEUE_WAIT = Histogram(
    "queue_wait_seconds",
    "Time from queueing a job to the beginning of its conversion",
    namespace=NAMESPACE,
    buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600),
)
SECONDS = Histogram(
    "conversion_duration_seconds",
    "Time that a conversion took which gave an MP3",
    namespace=NAMESPACE,
    buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600),
)
SPEED = Histogram(
    "conversion_speed_ratio",
    "Seconds of sound converted in a second",
    namespace=NAMESPACE,
    buckets=(1, 5, 10, 25, 50, 100, 200, 400),
)
