"""--tls: the Ingress speaks TLS and nothing else is changed."""

from collections.abc import Callable
from pathlib import Path

from tests.manifests.conftest import Object, overlay


def test_the_ingress_and_nothing_else_speaks_tls(
    render: Callable[[Path], list[Object]], base: list[Object], tmp_path: Path
) -> None:
    changed = [item for item in render(overlay(tmp_path, "tls")) if item not in base]
    (ingress,) = changed
    assert ingress["kind"] == "Ingress"
    (tls,) = ingress["spec"].pop("tls")
    assert tls["hosts"] == [rule["host"] for rule in ingress["spec"]["rules"]]
    assert tls["secretName"] == "tls-secret"  # scripts/render.sh: the folder's name and -secret
    redirect = ingress["metadata"]["annotations"].pop("nginx.ingress.kubernetes.io/ssl-redirect")
    assert redirect == "true"  # plain HTTP is sent on to HTTPS
    assert ingress in base
