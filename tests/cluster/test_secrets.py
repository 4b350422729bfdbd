"""The values of the secrets are in files of the pods that need them, and in no environment."""

import base64
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support import cluster
from tests.support.client import Client
from tests.support.cluster import get, kubectl, rabbitmqctl, shell
from tests.support.project import SERVICES
from tests.support.users import PASSWORD, unused_email

ENVIRONMENTS = "cat /proc/[0-9]*/environ | tr '\\0' '\\n'"
COMMANDS = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
HEALTH_PORT, AUTH_PORT = 9090, 5000
POD_NAMES = {"rabbitmq": "rabbitmq-0"}


def secrets() -> dict[str, str]:
    """The values in the cluster's secrets that are ours, by the secret's name and the key."""
    return {
        f"{secret['metadata']['name']}/{key}": base64.b64decode(value).decode()
        for secret in get("secrets", "-l", "app.kubernetes.io/part-of=video2mp3")
        for key, value in secret["data"].items()
        if value  # there is no secret before the first rotation
    }


@pytest.mark.parametrize("app", [*SERVICES, "mailcatcher", "rabbitmq"])
def test_no_secret_is_in_the_environment_of_a_process(demo: object, app: str) -> None:
    pod = POD_NAMES.get(app, f"deployment/{app}")
    environments = kubectl("exec", pod, "--", "sh", "-c", ENVIRONMENTS)
    assert "KUBERNETES_SERVICE_HOST=" in environments
    values = secrets()
    assert "gateway-secret/RABBITMQ_URL" in values
    assert [name for name, value in values.items() if value in environments] == []


@pytest.mark.parametrize("app", [*SERVICES, "mailcatcher"])
def test_only_the_services_own_user_can_read_the_files_of_its_secrets(
    demo: object, app: str
) -> None:
    modes = kubectl(
        "exec", f"deployment/{app}", "--", "sh", "-c", "stat -L -c '%a %u:%g' /etc/secrets/*"
    )
    assert set(modes.splitlines()) == {"440 0:10001"}


def test_signing_out_ends_the_users_tokens_on_every_pod(demo: object, host: str) -> None:
    email, mysql = unused_email(), f"mysql -u auth_user -pAuth123! -h {host} auth"
    row = f"INSERT INTO user (email, password) VALUES ('{email}', '{PASSWORD}')"  # noqa: S608 ours
    shell(f'kubectl exec -i deployment/auth -- {mysql} <<<"{row}"')
    client = Client("http://video2mp3.com")
    client.login(email, PASSWORD).raise_for_status()
    assert client.request("POST", "/logout").status_code == 204
    ask = "curl -s -o /dev/null -w '%{http_code}' -X POST -H @-"
    command = f"{ask} http://localhost:{AUTH_PORT}/validate"
    for pod in cluster.pods("auth"):
        header = f"Authorization: Bearer {client.token}".encode()
        assert kubectl("exec", "-i", pod, "--", "sh", "-c", command, data=header) == "401"


@pytest.mark.parametrize("service", ["auth", "gateway", "converter", "notification"])
def test_the_broker_takes_a_services_password_and_keeps_its_hash(
    demo: object, service: str
) -> None:
    url = urlsplit(secrets()[f"{service}-secret/RABBITMQ_URL"])
    assert url.username == service and url.password
    assert "Success" in rabbitmqctl("authenticate_user", service, url.password)
    exported = rabbitmqctl("export_definitions", "-", "--format", "json")
    assert f'"name":"{service}"' in exported and "password_hash" in exported
    assert url.password not in exported


@pytest.mark.parametrize("app", [*SERVICES, "mailcatcher", "rabbitmq"])
def test_no_secret_is_in_a_log_a_command_line_or_a_metric(demo: tuple[str, Path], app: str) -> None:
    output, folder = demo
    # The address is not secret; the tutorial's lines show it, and the log its user.
    values = {n: v for n, v in secrets().items() if not n.endswith("/GMAIL_ADDRESS")}
    values["token"] = (folder / "token.txt").read_text()
    shown = {"demo": output, "log": kubectl("logs", "-l", f"app={app}", "--tail=-1")}
    for pod in cluster.pods(app):
        shown[f"commands of {pod}"] = kubectl("exec", pod, "--", "sh", "-c", COMMANDS)
        if app in SERVICES:
            metrics = f"curl -s http://localhost:{HEALTH_PORT}/metrics"
            shown[f"metrics of {pod}"] = kubectl("exec", pod, "--", "sh", "-c", metrics)
    assert [
        f"{n} in {p}" for p, text in shown.items() for n, v in values.items() if v in text
    ] == []


def test_a_pod_has_its_own_login_of_the_broker_and_no_other(demo: object) -> None:
    files = "cat /etc/secrets/* 2>/dev/null || true"
    urls = {f"{s}-secret/RABBITMQ_URL" for s in SERVICES}
    values = secrets()
    assert urls <= values.keys()
    for service in SERVICES:
        seen = kubectl("exec", f"deployment/{service}", "--", "sh", "-c", files)
        own = {f"{service}-secret/RABBITMQ_URL"} & urls
        assert {name for name in urls if values[name] in seen} == own


def test_the_user_that_all_services_had_before_is_removed_by_the_next_deploy(
    demo: object,
) -> None:
    rabbitmqctl("add_user", "video2mp3", "kept for the pods of before")
    shell("./deploy.sh", timeout=cluster.DEPLOY_TIMEOUT)
    assert "video2mp3" not in rabbitmqctl("--quiet", "list_users")
