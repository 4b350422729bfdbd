"""The stack, and eight converters beside its own, fit a minikube of its default size."""

from collections.abc import Iterator

import pytest

from tests.support import cluster
from tests.support.cluster import get, kubectl

pytestmark = pytest.mark.timeout(600)

# 2 CPUs and 4 GiB, less what minikube's own pods request and what the kubelet keeps for itself.
CPU, MEMORY = 2000 - 950, 4096 - 370 - 300  # millicores, MiB
BALLAST = "ballast"


@pytest.fixture
def small_node(demo: object) -> Iterator[None]:
    """Of the node, a pod that does nothing takes all that a default minikube would not have."""
    allocatable = get("nodes")[0]["status"]["allocatable"]
    cpu = int(allocatable["cpu"]) * 1000 - CPU
    memory = int(allocatable["memory"].removesuffix("Ki")) // 1024 - MEMORY
    cluster.start_pod(BALLAST, cpu=f"{max(cpu, 0)}m", memory=f"{max(memory, 0)}Mi")
    yield
    kubectl("scale", "deployment", "converter", "--replicas=4")
    cluster.rolled_out("deployment/converter")
    cluster.stop_pod(BALLAST)


def test_the_pods_and_eight_more_converters_run_on_a_default_minikube(small_node: None) -> None:
    kubectl("scale", "deployment", "converter", "--replicas=12")
    cluster.rolled_out("deployment/converter")
