"""nginx in front of a gateway, as the ingress of the cluster is."""

import getpass
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.support.machine import free_port
from tests.support.nginx import running, temporary
from tests.support.project import ROOT

_ANNOTATION = "nginx.ingress.kubernetes.io/"
_SIZE, _LOG = "proxy-body-size", "enable-access-log"  # annotations that are no directive's name

# What ingress-nginx's template says for every host: kept connections to the service, which HTTP/1.1
# and the `Connection` header make, what the service is told of the client, and 404 for other hosts.
_CONFIGURATION = """
daemon off;
user {user};
pid {folder}/pid;
error_log stderr;
events {{ worker_connections 512; }}
http {{
  server_tokens off;
  {temporary}
  {certificate}
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  upstream gateway {{ server {gateway}; keepalive 320; }}
  server {{ listen 127.0.0.1:{port} default_server{ssl}; return 404; }}
  server {{
    listen 127.0.0.1:{port}{ssl};
    server_name {host};
    {annotated}
    location / {{
      proxy_pass http://gateway;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
"""
_CERTIFICATE = "ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;"


@contextmanager
def ingress(gateway_url: str, tls: Path | None = None) -> Iterator[int]:
    """The port of an nginx that stands before the gateway; `tls` has its cert.pem and key.pem."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder, port, _configuration(folder, port, gateway_url, tls)):
            yield port


def _configuration(folder: Path, port: int, gateway_url: str, tls: Path | None) -> str:
    ingress = yaml.safe_load((ROOT / "manifests/gateway/ingress.yaml").read_text(encoding="utf-8"))
    annotated = {
        name.removeprefix(_ANNOTATION): value
        for name, value in ingress["metadata"]["annotations"].items()
    }
    log = {"true": f"{folder}/access.log", "false": "off"}[annotated.pop(_LOG)]
    directives = {"client_max_body_size": annotated.pop(_SIZE), "access_log": log} | {
        name.replace("-", "_"): value for name, value in annotated.items()
    }
    return _CONFIGURATION.format(
        user=getpass.getuser(),
        folder=folder,
        port=port,
        ssl=" ssl" if tls else "",
        certificate=_CERTIFICATE.format(folder=tls) if tls else "",
        gateway=urlsplit(gateway_url).netloc,
        host=ingress["spec"]["rules"][0]["host"],
        annotated="\n    ".join(f"{name} {value};" for name, value in directives.items()),
        temporary=temporary(folder),
    )
