"""Certificates: for a server on loopback, and one that is about to end."""

import ssl
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

SELF_SIGNED = Path(__file__).parents[2] / "scripts/self-signed"
TIMEOUT = 30  # seconds


def make(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """The server's TLS context and the file that a client trusts, for `name`."""
    subprocess.run([SELF_SIGNED, folder, name], check=True, capture_output=True, timeout=TIMEOUT)
    certificate = folder / "cert.pem"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, folder / "key.pem")
    return context, certificate


def that_ends_in(days: int) -> bytes:
    """A certificate in PEM, of two months before; openssl 3.0 takes dates for `ca` only."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "index").touch()
        (folder / "serial").write_text("01\n")
        (folder / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=me\n[me]\ndatabase={folder}/index\nserial={folder}/serial\n"
            f"new_certs_dir={folder}\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n"
        )
        end = datetime.now(UTC) + timedelta(days=days)
        begun, ends = (f"{at:%Y%m%d%H%M%SZ}" for at in (end - timedelta(days=60), end))
        request = "req -newkey rsa:2048 -nodes -subj /CN=a -keyout key.pem -out a.csr"
        sign = f"ca -batch -selfsign -config ca.cnf -startdate {begun} -enddate {ends}"
        _openssl(request, folder)
        _openssl(f"{sign} -keyfile key.pem -in a.csr -notext -out cert.pem", folder)
        return (folder / "cert.pem").read_bytes()


def _openssl(words: str, folder: Path) -> None:
    command = ["openssl", *words.split()]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=TIMEOUT)
