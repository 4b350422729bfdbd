"""What --keda adds: the converters follow their queue, and KEDA may do no more than look."""

from collections.abc import Callable
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest

from servicekit.amqp.queues import VIDEO_QUEUE
from tests.manifests.conftest import Object, overlay, pod_template
from tests.support import keda

KINDS = ("ScaledObject", "TriggerAuthentication")


@pytest.fixture
def objects(
    render: Callable[[Path], list[Object]], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Object]:
    rendered = render(overlay(tmp_path_factory.mktemp("keda"), "keda"))
    return {(item["kind"], item["metadata"]["name"]): item for item in rendered}


@pytest.fixture
def trigger(objects: dict[tuple[str, str], Object]) -> Object:
    found: Object
    (found,) = objects["ScaledObject", "converter"]["spec"]["triggers"]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_keda_knows_every_field(objects: dict[tuple[str, str], Object], kind: str) -> None:
    jsonschema.validate(objects[kind, "converter"], keda.schema(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_keda_does_not_know_is_noticed(
    objects: dict[tuple[str, str], Object], kind: str
) -> None:
    item = objects[kind, "converter"]
    wrong = item | {"spec": item["spec"] | {"minReplicas": 1}}
    with pytest.raises(jsonschema.ValidationError, match="minReplicas"):
        jsonschema.validate(wrong, keda.schema(kind))


def test_the_scaler_is_told_all_that_it_needs_where_it_looks_for_it(
    objects: dict[tuple[str, str], Object], trigger: Object
) -> None:
    told = objects["TriggerAuthentication", trigger["authenticationRef"]["name"]]
    secret = {item["parameter"] for item in told["spec"]["secretTargetRef"]}
    plain = trigger["metadata"].keys()
    assert all(keda.PARAMETERS[name].get("metadataVariableReadable") for name in plain)
    assert all(
        keda.PARAMETERS[name].get("triggerAuthenticationVariableReadable") for name in secret
    )
    needed = {
        name
        for name, found in keda.PARAMETERS.items()
        if not found.get("optional") and "default" not in found
    }
    assert needed <= plain | secret


def test_what_a_converter_holds_counts_so_that_none_is_scaled_away_for_being_busy(
    trigger: Object,
) -> None:
    given = trigger["metadata"]
    assert (given["queueName"], given["mode"]) == (VIDEO_QUEUE, "QueueLength")
    assert given["protocol"] == "http" and "excludeUnacknowledged" not in given
    assert given["value"] == "1"


def test_nobody_else_chooses_the_number_of_converters(
    objects: dict[tuple[str, str], Object],
) -> None:
    spec = objects["ScaledObject", "converter"]["spec"]
    scaled = objects["Deployment", spec["scaleTargetRef"]["name"]]
    assert "replicas" not in scaled["spec"]
    assert not [name for kind, name in objects if kind == "HorizontalPodAutoscaler"]


def test_one_that_goes_has_the_time_to_end_before_the_next_goes(
    objects: dict[tuple[str, str], Object],
) -> None:
    template = pod_template(objects["Deployment", "converter"])
    assert template
    configured = objects["ScaledObject", "converter"]["spec"]["advanced"]
    behavior = configured["horizontalPodAutoscalerConfig"]["behavior"]
    (policy,) = behavior["scaleDown"]["policies"]
    assert (policy["type"], policy["value"]) == ("Pods", 1)
    assert policy["periodSeconds"] >= template["spec"]["terminationGracePeriodSeconds"]


def test_keda_is_let_in_to_the_queues_counts_and_to_nothing_else(
    objects: dict[tuple[str, str], Object],
) -> None:
    policy = objects["NetworkPolicy", "keda"]
    kubernetes_validate.validate(policy, "1.33", strict=True)
    assert policy["spec"]["podSelector"]["matchLabels"] == {"app": "rabbitmq"}
    (rule,) = policy["spec"]["ingress"]
    (operator,) = rule["from"]
    assert operator.keys() == {"namespaceSelector", "podSelector"}
    assert [port["port"] for port in rule["ports"]] == ["management"]


def test_all_of_it_is_removed_with_the_rest(objects: dict[tuple[str, str], Object]) -> None:
    for key in (*((kind, "converter") for kind in KINDS), ("NetworkPolicy", "keda")):
        labels = objects[key]["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "video2mp3"
        assert labels["video2mp3.com/option"] == "keda"
