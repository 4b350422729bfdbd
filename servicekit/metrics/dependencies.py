"""What a service sees of what it depends on, as often as it is asked whether it is ready."""

from prometheus_client import Gauge

from servicekit.metrics import NAMESPACE

UP = Gauge(
    "dependency_up",
    "Whether a dependency worked (1) when readiness was asked for last",
    ["dependency"],
    namespace=NAMESPACE,
)
