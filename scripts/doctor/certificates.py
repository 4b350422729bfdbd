"""The certificates that the cluster keeps, by their end."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.doctor.finding import Finding, broken, ok, warning
from scripts.doctor.site import SiteError, output

SOON = timedelta(days=14)
KEYS = ("tls.crt", "cert.pem")
HOP = "certificates"


def certificates(secrets: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """What has ended, or ends within 14 days; one line when nothing does."""
    found, seen = [], 0
    for secret in secrets:
        for key in KEYS:
            value = (secret.get("data") or {}).get(key)
            if value:
                seen += 1
                found += _judge(f"{secret['metadata']['name']}/{key}", value)
    return found or ([ok(HOP, f"{seen}, none ends within {SOON.days} days")] if seen else [])


def _judge(name: str, value: str) -> list[Finding]:
    try:
        pem = base64.b64decode(value).decode()
        dates = output(["openssl", "x509", "-noout", "-enddate"], pem)
        end = datetime.strptime(dates.strip(), "notAfter=%b %d %H:%M:%S %Y %Z").replace(tzinfo=UTC)
    except (SiteError, ValueError, binascii.Error) as error:
        return [warning(HOP, f"{name} is no certificate", str(error), "one", "./deploy.sh")]
    left = end - datetime.now(UTC)
    if left > SOON:
        return []
    say, verb = (warning, "ends") if left > timedelta() else (broken, "has ended")
    summary, needed = f"{name} {verb} on {end:%Y-%m-%d}", "a renewed one"
    return [say(HOP, summary, f"notAfter {end:%Y-%m-%dT%H:%M:%SZ}", needed, "./deploy.sh")]
