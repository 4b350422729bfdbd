"""What a notifier counts of its mails and webhooks."""

from prometheus_client import Counter, Histogram

from servicekit.metrics import NAMESPACE

MAILS = Counter("mails", "Attempts to send a mail, by outcome", ["outcome"], namespace=NAMESPACE)
WEBHOOKS = Counter(
    "webhooks", "Attempts to send a webhook, by outcome", ["outcome"], namespace=NAMESPACE
)
END_TO_END = Histogram(
    "end_to_end_seconds",
    "Time from the beginning of an upload, in whole seconds, to its mail",
    namespace=NAMESPACE,
    buckets=(1, 2, 5, 10, 15, 30, 60, 300, 900, 3600),
)
