"""Every container of every pod is within the house rules; read from what is rendered."""

from typing import Any

import pytest

from tests.manifests.conftest import Object, pod_template

# Policies that add to what the policy of each service allows.
BESIDE_OTHERS = {"notification-to-mailcatcher", "metrics", "tracing"}
# What the services themselves take to end, in seconds: SHUTDOWN_GRACE, and a worker's ABORT_GRACE.
DRAIN = {"auth": 20, "gateway": 120, "converter": 110 + 10, "notification": 40 + 10}


@pytest.fixture
def pods(everything: list[Object]) -> dict[str, Object]:
    """The pod specs by the names of their owners."""
    return {
        item["metadata"]["name"]: template["spec"]
        for item in everything
        if (template := pod_template(item))
    }


@pytest.fixture
def containers(pods: dict[str, Object]) -> list[Object]:
    return [c for pod in pods.values() for c in pod["containers"] + pod.get("initContainers", [])]


def test_no_pod_runs_as_root_or_with_a_service_accounts_token(pods: dict[str, Object]) -> None:
    for name, pod in pods.items():
        context = pod["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert isinstance(context["runAsUser"], int) and context["runAsUser"] > 0, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["serviceAccountName"] == name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), name


def test_no_service_is_told_of_others_by_environment_variables(pods: dict[str, Object]) -> None:
    assert all(pod["enableServiceLinks"] is False for pod in pods.values())


def test_every_container_is_confined(containers: list[Object]) -> None:
    for container in containers:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True, container["name"]
        assert context["allowPrivilegeEscalation"] is False, container["name"]
        assert context["capabilities"] == {"drop": ["ALL"]}, container["name"]


def test_every_image_has_a_version_that_is_not_latest(containers: list[Object]) -> None:
    for container in containers:
        _, _, tag = container["image"].partition(":")
        assert tag and tag != "latest", container["image"]


def test_every_container_requests_cpu_and_memory_and_is_limited_in_memory(
    containers: list[Object],
) -> None:
    for container in containers:
        resources = container["resources"]
        assert resources["requests"].keys() >= {"cpu", "memory"}, container["name"]
        assert "memory" in resources["limits"], container["name"]


def test_every_writable_folder_has_a_size(pods: dict[str, Object]) -> None:
    for name, pod in pods.items():
        for volume in pod["volumes"]:
            if "emptyDir" in volume:
                assert volume["emptyDir"].get("sizeLimit"), (name, volume["name"])
        for container in pod["containers"]:
            mounted = [mount["mountPath"] for mount in container["volumeMounts"]]
            assert "/tmp" in mounted, name  # noqa: S108 the pod has a volume there


def test_every_server_and_worker_is_probed_on_a_named_port(pods: dict[str, Object]) -> None:
    for name, pod in pods.items():
        if name == "sweep":
            continue
        (container,) = pod["containers"]
        named = {port["name"] for port in container["ports"]}
        for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
            probe: dict[str, Any] = container[kind]
            check = probe.get("httpGet") or probe["tcpSocket"]
            assert check["port"] in named, (name, kind)


def test_no_liveness_probe_looks_at_a_dependency(pods: dict[str, Object]) -> None:
    paths = [
        container["livenessProbe"]["httpGet"]["path"]
        for pod in pods.values()
        for container in pod["containers"]
        if "httpGet" in container.get("livenessProbe", {})
    ]
    assert set(paths) == {"/livez", "/-/healthy"}  # Prometheus has words of its own


@pytest.mark.parametrize(("name", "drain"), DRAIN.items())
def test_a_pod_gets_more_time_to_end_than_its_work(
    pods: dict[str, Object], name: str, drain: int
) -> None:
    hook = pods[name]["containers"][0].get("lifecycle", {}).get("preStop", {}).get("exec")
    wait = int(hook["command"][1]) if hook else 0
    assert pods[name]["terminationGracePeriodSeconds"] >= drain + wait + 5


def test_a_server_is_replaced_before_it_goes(everything: list[Object]) -> None:
    for item in everything:
        if item["kind"] == "Deployment" and item["metadata"]["name"] in ("auth", "gateway"):
            assert item["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_what_a_network_policy_does_not_name_is_refused(everything: list[Object]) -> None:
    for item in everything:
        if item["kind"] != "NetworkPolicy" or item["metadata"]["name"] in BESIDE_OTHERS:
            continue
        assert set(item["spec"]["policyTypes"]) == {"Ingress", "Egress"}
        for rule in item["spec"].get("ingress", []) + item["spec"].get("egress", []):
            assert rule.get("ports"), item["metadata"]["name"]


def test_the_converters_folder_holds_two_of_the_longest_mp3_and_is_the_pods_own_limit(
    everything: list[Object],
) -> None:
    """One by its message, one in its express lane; a pod that outgrows either is evicted."""
    maps = {i["metadata"]["name"]: i["data"] for i in everything if i["kind"] == "ConfigMap"}
    mp3 = int(maps["converter-configmap"]["MAX_DURATION"]) * 320_000 // 8
    (deployment,) = (
        i for i in everything if (i["kind"], i["metadata"]["name"]) == ("Deployment", "converter")
    )
    pod = deployment["spec"]["template"]["spec"]
    (size,) = (v["emptyDir"]["sizeLimit"] for v in pod["volumes"] if v["name"] == "tmp")
    folder = int(size.removesuffix("Gi")) * 2**30
    (container,) = pod["containers"]
    limit = int(container["resources"]["limits"]["ephemeral-storage"].removesuffix("Mi")) * 2**20
    assert 2 * mp3 < folder < limit
