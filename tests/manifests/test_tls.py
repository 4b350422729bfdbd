"""--tls: the Ingress speaks TLS, links say so, and nothing else is changed."""

from collections.abc import Callable
from pathlib import Path

from tests.manifests.conftest import Object, overlay


def test_the_ingress_and_nothing_else_speaks_tls(
    render: Callable[[Path], list[Object]], base: list[Object], tmp_path: Path
) -> None:
    changed = [item for item in render(overlay(tmp_path, "tls")) if item not in base]
    (ingress,) = (item for item in changed if item["kind"] == "Ingress")
    (tls,) = ingress["spec"].pop("tls")
    assert tls["hosts"] == [rule["host"] for rule in ingress["spec"]["rules"]]
    assert tls["secretName"] == "tls-secret"  # scripts/render.sh: the folder's name and -secret
    redirect = ingress["metadata"]["annotations"].pop("nginx.ingress.kubernetes.io/ssl-redirect")
    assert redirect == "true"  # plain HTTP is sent on to HTTPS
    configmaps = [item for item in changed if item["kind"] == "ConfigMap"]
    for configmap in configmaps:
        assert configmap["data"]["PUBLIC_URL"] == f"https://{tls['hosts'][0]}"
        configmap["data"]["PUBLIC_URL"] = f"http://{tls['hosts'][0]}"
    assert len(configmaps) == 2  # the gateway's and the notification service's
    assert all(item in base for item in changed)
