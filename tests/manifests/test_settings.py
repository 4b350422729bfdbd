"""What the manifests set is read by a service, and a secret reaches it as a file."""

import json
import re

import pytest

from tests.manifests.conftest import Object, pod_template
from tests.support.settings import read_settings

# The servers that are not ours, and the files that are their settings.
FILES = {
    "rabbitmq": ["definitions.json", "rabbitmq.conf"],
    "prometheus": ["prometheus.yml", "rules.yaml"],
}
FOLDERS = {"mailcatcher": "local/mailcatcher"}  # an image's name, where it is not its folder's


@pytest.fixture
def workloads(everything: list[Object]) -> dict[str, tuple[Object, frozenset[str]]]:
    """The container of each of our own services, and the settings that it reads."""
    found = {}
    for item in everything:
        template = pod_template(item)
        if template is None or item["metadata"]["name"] in FILES:
            continue
        name = item["metadata"]["name"]
        (container,) = template["spec"]["containers"]
        image = re.sub(r".*video2mp3-|:.*", "", container["image"])
        settings = "SweepSettings" if name == "sweep" else "Settings"
        asked = read_settings(FOLDERS.get(image, image), settings)
        found[name] = (container, frozenset(asked))
    return found


def values(container: Object) -> dict[str, str]:
    """The variables that a container's own list sets."""
    return {variable["name"]: variable.get("value", "") for variable in container["env"]}


def referenced(container: Object) -> set[str]:
    """The variables that others of the container are made of, as $(NAME)."""
    return set(re.findall(r"\$\((\w+)\)", " ".join(values(container).values())))


def test_every_variable_that_a_pod_sets_is_a_setting_of_its_service(
    workloads: dict[str, tuple[Object, frozenset[str]]],
) -> None:
    for name, (container, settings) in workloads.items():
        for variable in values(container):
            assert {variable, variable.removesuffix("_FILE")} & settings, (name, variable)


def test_every_key_of_a_configmap_is_read_by_a_service_that_gets_it(
    everything: list[Object], workloads: dict[str, tuple[Object, frozenset[str]]]
) -> None:
    read: dict[str, set[str]] = {}
    for container, settings in workloads.values():
        for source in container.get("envFrom", []):
            names = read.setdefault(source["configMapRef"]["name"], set())
            names |= settings | referenced(container)
    maps = {i["metadata"]["name"]: i["data"] for i in everything if i["kind"] == "ConfigMap"}
    unread = {name: sorted(data.keys() - read.get(name, set())) for name, data in maps.items()}
    for server, files in FILES.items():
        (name,) = (name for name in maps if name.startswith(f"{server}-"))
        assert unread.pop(name) == files
    assert not any(unread.values()), unread


def test_no_secret_is_in_an_environment(everything: list[Object]) -> None:
    text = json.dumps(everything)
    assert "secretKeyRef" not in text
    assert "secretRef" not in text


def test_a_secrets_file_is_readable_by_the_pods_group_and_nobody_else(
    everything: list[Object],
) -> None:
    for item in everything:
        spec = (pod_template(item) or {}).get("spec", {"volumes": []})
        for volume in spec["volumes"]:
            source = volume.get("projected") or volume.get("secret")
            if source:
                assert source["defaultMode"] == 0o440, (item["metadata"]["name"], volume["name"])
                assert spec["securityContext"]["fsGroup"] == spec["securityContext"]["runAsGroup"]


def test_every_file_that_a_setting_names_is_mounted(
    workloads: dict[str, tuple[Object, frozenset[str]]],
) -> None:
    for name, (container, _) in workloads.items():
        folders = {mount["mountPath"] for mount in container["volumeMounts"]}
        for variable, value in values(container).items():
            if variable.endswith("_FILE"):
                assert value.rpartition("/")[0] in folders, (name, variable)
