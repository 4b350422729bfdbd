"""What auth counts of logins."""

from prometheus_client import Counter

from servicekit.metrics import NAMESPACE

LOGINS = Counter("logins", "Logins, by what became of them", ["outcome"], namespace=NAMESPACE)
