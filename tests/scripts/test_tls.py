"""What ./deploy.sh --tls takes and refuses before it touches the cluster."""

from pathlib import Path

import pytest

from tests.scripts.conftest import Run
from tests.support import certificate
from tests.support.certificate import make

CHOOSE = """. scripts/lib.sh; . scripts/tls.sh; components=() tls=yes; choose_tls
mkdir -p out && write_tls out && ask_cert_manager
echo "${components[*]}"; ls out/tls 2>/dev/null || true
"""


def files_of(folder: Path, name: str) -> dict[str, str]:
    """The settings for a certificate of this name, which nobody but the test trusts."""
    make(folder, name)
    return {"TLS_CERT_FILE": str(folder / "cert.pem"), "TLS_KEY_FILE": str(folder / "key.pem")}


def test_ones_own_certificate_becomes_the_ingress_secret(run: Run, tmp_path: Path) -> None:
    files = files_of(tmp_path, "video2mp3.com")
    assert run("bash", "-c", CHOOSE, **files).stdout.split() == ["tls", "tls.crt", "tls.key"]


def test_a_certificate_that_clients_would_not_trust_is_warned_of(run: Run, tmp_path: Path) -> None:
    own = files_of(tmp_path / "own", "video2mp3.com")
    anothers = files_of(tmp_path / "anothers", "example.com")
    for files, trusted, warned in (
        (own, own, False),
        (own, anothers, True),
        (anothers, anothers, True),
    ):
        done = run("bash", "-c", CHOOSE, **files, SSL_CERT_FILE=trusted["TLS_CERT_FILE"])
        assert ("Warning: no authority" in done.stderr) == warned
        assert done.returncode == 0


def test_an_issuer_is_asked_for_one(run: Run) -> None:
    told = run("bash", "-c", CHOOSE, TLS_ISSUER="letsencrypt").stdout
    assert "cert-manager.io~1cluster-issuer" in told
    assert '"value": "letsencrypt"' in told
    assert "tls.key" not in told


@pytest.mark.parametrize("fault", ["none", "ended", "anothers-key", "bad-issuer"])
def test_what_the_ingress_could_not_use_stops_the_deploy(
    run: Run, tmp_path: Path, fault: str
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        make(folder, "video2mp3.com")
    (one / "ended.pem").write_bytes(certificate.that_ends_in(days=-1))
    files: dict[str, dict[str, object]] = {
        "none": {},
        "ended": {"TLS_CERT_FILE": one / "ended.pem", "TLS_KEY_FILE": one / "key.pem"},
        "anothers-key": {"TLS_CERT_FILE": one / "cert.pem", "TLS_KEY_FILE": other / "key.pem"},
        "bad-issuer": {"TLS_ISSUER": 'a", "b'},
    }
    done = run("bash", "-c", CHOOSE, **{name: str(file) for name, file in files[fault].items()})
    assert done.returncode == 1
    assert "Next: " in done.stderr
