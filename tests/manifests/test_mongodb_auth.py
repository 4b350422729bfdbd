"""Where MongoDB asks who one is, each service comes with its own login, and as a file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.manifests.conftest import Object, overlay, pod_template

USERS = ("gateway", "converter", "notification", "sweep")


@pytest.fixture
def pods(
    render: Callable[[Path], list[Object]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Object]:
    folder = overlay(tmp_path_factory.mktemp("overlay"), "mongodb-auth")
    return {
        item["metadata"]["name"]: template["spec"]
        for item in render(folder)
        if (template := pod_template(item))
    }


@pytest.mark.parametrize("name", USERS)
def test_a_service_reads_its_login_from_a_file_of_its_own_secret(
    pods: dict[str, Object], name: str
) -> None:
    pod = pods[name]
    (container,) = pod["containers"]
    variables = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert variables["MONGODB_URI_FILE"] == "/etc/secrets/MONGODB_URI"
    assert "MONGODB_URI" not in variables  # it would win
    (mount,) = (m for m in container["volumeMounts"] if m["mountPath"] == "/etc/secrets")
    (volume,) = (v for v in pod["volumes"] if v["name"] == mount["name"])
    assert volume["projected"]["sources"] == [{"secret": {"name": f"{name}-secret"}}]
    assert volume["projected"]["defaultMode"] == 0o440
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]


def test_nothing_else_is_changed(pods: dict[str, Object], base: list[Object]) -> None:
    before = {i["metadata"]["name"]: t["spec"] for i in base if (t := pod_template(i))}
    assert {name for name, pod in pods.items() if pod != before[name]} == set(USERS)
    for name in USERS:
        (old,), (new,) = before[name]["containers"], pods[name]["containers"]
        assert new | {"env": [], "volumeMounts": []} == old | {"env": [], "volumeMounts": []}
        assert {mount["name"] for mount in new["volumeMounts"]} == {"tmp", "secrets"}
