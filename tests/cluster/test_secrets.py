"""The values of the secrets are in files of the pods that need them, and in no environment."""

import base64

import pytest

from tests.support.cluster import get, kubectl, rabbitmqctl
from tests.support.project import SERVICES

ENVIRONMENTS = "cat /proc/[0-9]*/environ | tr '\\0' '\\n'"
POD_NAMES = {"rabbitmq": "rabbitmq-0"}


def secrets() -> dict[str, str]:
    """The values in the cluster's secrets that are ours, by the secret's name and the key."""
    return {
        f"{secret['metadata']['name']}/{key}": base64.b64decode(value).decode()
        for secret in get("secrets", "-l", "app.kubernetes.io/part-of=video2mp3")
        for key, value in secret["data"].items()
    }


@pytest.mark.parametrize("app", [*SERVICES, "mailcatcher", "rabbitmq"])
def test_no_secret_is_in_the_environment_of_a_process(demo: object, app: str) -> None:
    pod = POD_NAMES.get(app, f"deployment/{app}")
    environments = kubectl("exec", pod, "--", "sh", "-c", ENVIRONMENTS)
    assert "KUBERNETES_SERVICE_HOST=" in environments
    values = secrets()
    assert "rabbitmq-secret/RABBITMQ_URL" in values
    assert [name for name, value in values.items() if value in environments] == []


@pytest.mark.parametrize("app", [*SERVICES, "mailcatcher"])
def test_only_the_services_own_user_can_read_the_files_of_its_secrets(
    demo: object, app: str
) -> None:
    modes = kubectl(
        "exec", f"deployment/{app}", "--", "sh", "-c", "stat -L -c '%a %u:%g' /etc/secrets/*"
    )
    assert set(modes.splitlines()) == {"440 0:10001"}


def test_the_broker_takes_the_plain_password_of_the_secret_and_keeps_its_hash(
    demo: object,
) -> None:
    password = secrets()["rabbitmq-secret/RABBITMQ_PASSWORD"]
    assert "Success" in rabbitmqctl("authenticate_user", "video2mp3", password)
    exported = rabbitmqctl("export_definitions", "-", "--format", "json")
    assert '"name":"video2mp3"' in exported and "password_hash" in exported
    assert password not in exported
