"""A certificate for a server on loopback, and the authority to trust for it."""

import ssl
import subprocess
from pathlib import Path

SELF_SIGNED = Path(__file__).parents[2] / "scripts/self-signed"


def make(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """The server's TLS context and the file that a client trusts, for `name`."""
    subprocess.run([SELF_SIGNED, folder, name], check=True, capture_output=True, timeout=30)
    certificate = folder / "cert.pem"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, folder / "key.pem")
    return context, certificate
