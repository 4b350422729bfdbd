"""Undeploying takes away what is ours, all of it and nothing else; the last test of the run."""

import pytest

from tests.support.cluster import UNDEPLOY_TIMEOUT, get, kubectl, shell

pytestmark = pytest.mark.timeout(600)

KINDS = (
    "deployments,statefulsets,cronjobs,jobs,pods,services,configmaps,secrets,serviceaccounts,"
    "persistentvolumeclaims,ingresses,networkpolicies,poddisruptionbudgets,"
    "horizontalpodautoscalers"
)
LINES = """Stopping all port forwards...
Deleting deployments...
deployment.apps "gateway" deleted
deployment.apps "converter" deleted
deployment.apps "notification" deleted"""


def test_undeploy_leaves_nothing_of_ours_and_all_that_is_not(demo: object) -> None:
    kubectl("create", "configmap", "someone-elses")
    try:
        kubectl("delete", "deployment", "auth", "--wait=false")  # half of it is gone
        lines = iter(shell("./undeploy.sh", timeout=UNDEPLOY_TIMEOUT).splitlines())
        for wanted in LINES.splitlines():
            assert wanted in lines
        assert not get(KINDS, "-l", "app.kubernetes.io/part-of=video2mp3")
        assert kubectl("get", "configmap", "someone-elses")
        assert shell("./undeploy.sh", timeout=100).endswith("Undeployed.\n")
    finally:
        kubectl("delete", "configmap", "someone-elses", "--ignore-not-found")
