"""A certificate for a server on loopback, and the authority to trust for it."""

import ssl
import subprocess
from pathlib import Path


def make(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """The server's TLS context and the file that a client trusts, for `name`."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate
