"""Whether there are traces, and who takes them."""

from dataclasses import dataclass

from servicekit.settings import Env

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@dataclass(frozen=True)
class TracingSettings:
    """The URL of an OTLP receiver that speaks HTTP, and whose spans these are.

    Without the URL there are no traces. OpenTelemetry's SDK reads its other variables itself.
    """

    endpoint: str
    service: str

    @classmethod
    def read(cls, env: Env, service: str) -> "TracingSettings":
        """Read `OTEL_*`, the name with this default; problems are left with `env`."""
        return cls(
            endpoint=env.text(_ENDPOINT, "") and env.url(_ENDPOINT, "", ("http", "https")),
            service=env.text("OTEL_SERVICE_NAME", "") or service,
        )
