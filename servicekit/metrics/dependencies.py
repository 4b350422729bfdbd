"""What a service sees of what it depends on, as often as it is probed or scraped."""

from prometheus_client import Gauge

from servicekit.metrics import NAMESPACE

UP = Gauge(
    "dependency_up",
    "Whether a dependency works (1)",
    ["dependency"],
    namespace=NAMESPACE,
)
