"""Every kubectl line of the tutorial, word for word, gives what it promises.

A line that follows a log is ended after a few seconds; where a name is left open (`<pod-name>`), one
is put in; what a person would type into a prompt comes from standard input.
"""

import re
from pathlib import Path

import pytest

from tests.cluster.conftest import PASSWORD, USER, Jobs
from tests.support import cluster, media
from tests.support.client import Client
from tests.support.cluster import shell
from tests.support.wait import eventually, until

HOST = "192.168.49.1"
PYMONGO = "from pymongo import MongoClient; "
CLIENT = f"MongoClient('mongodb://{HOST}:27017')"
MYSQL = f"mysql -u auth_user -pAuth123! -h {HOST}"

LINES = {
    # Deploy All Services
    "kubectl get pods": r"auth-\w+-\w+ +1/1 +Running[\s\S]*rabbitmq-0 +1/1 +Running",
    "kubectl get svc": r"auth +ClusterIP +\S+ +<none> +5000/TCP [\s\S]*gateway +ClusterIP +\S+ +<none> +8080/TCP "
    r"[\s\S]*rabbitmq +ClusterIP +\S+ +<none> +5672/TCP,15672/TCP ",
    "kubectl get configmap auth-configmap -o yaml | grep MYSQL_HOST": rf"MYSQL_HOST: \"?{HOST}",
    "kubectl get configmap gateway-configmap -o yaml | grep MONGODB_HOST": rf"MONGODB_HOST: \"?{HOST}",
    # Start Port Forwarding
    'ps aux | grep "kubectl port-forward"': r"(kubectl port-forward service[\s\S]*){3}",
    'curl -s -o /dev/null -w "%{http_code}" http://localhost:5000': "^405$",
    # MySQL
    f"kubectl exec deployment/auth -- {MYSQL} -e 'SELECT 1'": r"^1\n1$",
    f"kubectl exec -i deployment/auth -- {MYSQL} auth <<<'SHOW TABLES; DESCRIBE user'": r"^Tables_in_auth\nuser\n"
    r"Field[^\n]*\nid\tint\S*\tNO\tPRI\tNULL\tauto_increment\n"
    r"email\tvarchar\(255\)\tNO\tUNI\tNULL\t\npassword\tvarchar\(255\)\tNO\t\tNULL\t$",
    f'kubectl exec deployment/auth -- {MYSQL} auth -e "SELECT * FROM user;"': r"1\tdksahuji@gmail\.com\t",
    # MongoDB
    f'kubectl exec -it deployment/gateway -- python3 -c "{PYMONGO}client = {CLIENT}; print(client.server_info())"': r"'ok': 1\.0",
    f"kubectl exec deployment/gateway -- python3 -c \"{PYMONGO}print('Connected!' if {CLIENT}.server_info() else 'Failed')\"": "Connected!",
    f'kubectl exec deployment/gateway -- python3 -c "{PYMONGO}print({CLIENT}.server_info())"': r"'ok': 1\.0",
    f'kubectl exec deployment/converter -- python3 -c "{PYMONGO}print({CLIENT}.server_info())"': r"'ok': 1\.0",
    f"kubectl exec -i deployment/gateway -- python3 <<<\"{PYMONGO}client = {CLIENT}; db = client['videos']; print(db.fs.files.find_one())\"": "'filename': ",
    # RabbitMQ
    "kubectl exec -it rabbitmq-0 -- rabbitmqctl list_queues": r"name\s+messages\n[\s\S]*(mp3\t\d+[\s\S]*video\t\d+|video\t\d+[\s\S]*mp3\t\d+)",
    "kubectl exec -it rabbitmq-0 -- rabbitmqctl list_queues name messages consumers message_bytes": r"video\t\d+\t4\t\d*",
    "kubectl exec rabbitmq-0 -- rabbitmqctl list_queues name messages consumers": r"mp3\t\d+\t4",
    "kubectl exec rabbitmq-0 -- rabbitmqctl list_queues | grep video | awk '{print $2}'": r"^\d+$",
    "kubectl exec rabbitmq-0 -- rabbitmqctl list_queues | grep mp3": r"^mp3\t\d+$",
    "kubectl exec -it rabbitmq-0 -- rabbitmqadmin get queue=video count=5": "",
    # Monitoring
    **{
        f"kubectl get pods -l app={app}": rf"({app}-\w+-\w+ +1/1 +Running[^\n]*\n?){{{count}}}$"
        for app, count in (("converter", 4), ("notification", 4), ("gateway", 2), ("auth", 2))
    },
    "kubectl get pods -o wide": r"NODE",
    "kubectl describe service gateway": r"Port: +http +8080/TCP",
    "kubectl get endpoints gateway": r"gateway +[\d.]+:8080,[\d.]+:8080 ",
    "kubectl exec deployment/gateway -- curl -v http://auth:5000/login": r"HTTP/1\.1 405",
    "kubectl exec deployment/gateway -- env | grep MONGODB": rf"MONGODB_HOST={HOST}",
    "kubectl exec deployment/auth -- env | grep MYSQL": rf"MYSQL_HOST={HOST}",
    f"kubectl exec deployment/auth -- nc -zv {HOST} 3306": "succeeded",
    f"kubectl exec deployment/gateway -- nc -zv {HOST} 27017": "succeeded",
    "kubectl exec deployment/converter -- nc -zv rabbitmq 5672": "succeeded",
    "kubectl exec deployment/gateway -- /bin/bash -c id": "uid=10001",
    "kubectl exec deployment/auth -- /bin/bash -c id": "uid=10001",
    "kubectl top pods": r"rabbitmq-0 +\d+m +\d+Mi",
    "kubectl top nodes": r"\d+%",
    "kubectl top pods | grep converter": r"converter-\S+ +\d+m +\d+Mi",
    "kubectl get configmap auth-configmap -o yaml": "kind: ConfigMap",
    "kubectl get configmap gateway-configmap -o yaml": "kind: ConfigMap",
    "kubectl get secret auth-secret -o yaml": "JWT_SECRET: ",
    "kubectl get secret auth-secret -o jsonpath='{.data.JWT_SECRET}' | base64 -d": r"^\S{32,}$",
    "kubectl get secret notification-secret -o jsonpath='{.data.GMAIL_ADDRESS}' | base64 -d": "@",
    "kubectl get secret notification-secret -o jsonpath='{.data.GMAIL_PASSWORD}' | base64 -d": r"\S",
    "kubectl get events --sort-by='.lastTimestamp'": "LAST SEEN",
    # Troubleshooting
    "kubectl logs -l app=auth --tail=20": "POST /login 200",
    "kubectl logs -l app=gateway --tail=50": r"POST /upload 200",
    "kubectl logs -l app=notification --tail=50": r"Email sent successfully!",
    "kubectl logs -l app=converter --tail=100": r"Conversion complete!",
    "kubectl exec deployment/converter -- ffmpeg -version": "^ffmpeg version",
    "kubectl exec deployment/converter -- df -h": "/tmp",
    "kubectl get service gateway": "8080/TCP",
}
BEGINNING = r"Waiting for messages\.\.\."
FOLLOWED = {
    "kubectl logs -l app=converter -f": "Conversion complete!",
    "kubectl logs -l app=notification -f": r"Sending email to: dksahuji@gmail\.com\nEmail sent successfully!",
    "kubectl logs -l app=gateway -f --tail=50": "POST /login 200",
    "kubectl logs -l app=auth -f --tail=50": "POST /validate 200",
    "kubectl logs -l app=converter -f --tail=50": BEGINNING,
    "kubectl logs rabbitmq-0 -f --tail=50": r"\[info\]",
}
PUBLISH = """kubectl exec -i rabbitmq-0 -- python3 << 'EOF'
import pika
import json

connection = pika.BlockingConnection(pika.ConnectionParameters('localhost'))
channel = connection.channel()

message = {
    "video_fid": "507f1f77bcf86cd799439011",
    "mp3_fid": None,
    "username": "dksahuji@gmail.com"
}

channel.basic_publish(
    exchange='',
    routing_key='video',
    body=json.dumps(message)
)

print(f"Published test message: {message}")
connection.close()
EOF"""
CONSUME = """timeout 5 kubectl exec -i rabbitmq-0 -- python3 << 'EOF' || [[ $? == 124 ]]
import pika

connection = pika.BlockingConnection(pika.ConnectionParameters('localhost'))
channel = connection.channel()

def callback(ch, method, properties, body):
    print(f"Received: {body.decode()}")
    ch.basic_ack(delivery_tag=method.delivery_tag)

channel.basic_consume(queue='video', on_message_callback=callback)
print('Waiting for messages. Press Ctrl+C to exit.')

try:
    channel.start_consuming()
except KeyboardInterrupt:
    channel.stop_consuming()

connection.close()
EOF"""
REFUSED = [
    ("auth", HOST, 27017),
    ("auth", "rabbitmq", 15672),
    ("auth", "gateway", 8080),
    ("auth", "mailcatcher", 587),
    ("gateway", HOST, 3306),
    ("gateway", "rabbitmq", 15672),
    ("converter", "auth", 5000),
    ("converter", "gateway", 8080),
    ("converter", HOST, 3306),
    ("notification", HOST, 3306),
    ("notification", "gateway", 8080),
    ("notification", "auth", 5000),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.with_sound(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=2)


@pytest.fixture
def logged(request: pytest.FixtureRequest, user: Client, jobs: Jobs, clip: Path) -> None:
    """For a line that shows the last of a log: a login and a job are the last thing in it, or,
    where the line is to show how a converter began, one did so just now.
    """
    if BEGINNING in request.node.callspec.params["expected"]:
        shell("kubectl rollout restart deployment converter")
        cluster.rolled_out("deployment/converter")
    elif "kubectl logs -l" in request.node.name:
        user.login(USER, PASSWORD).raise_for_status()
        jobs.settle([jobs.upload(clip)])


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(("line", "expected"), LINES.items(), ids=list(LINES))
def test_the_line_gives_what_the_tutorial_shows(demo: object, line: str, expected: str) -> None:
    def check() -> bool:
        output = shell(line, timeout=60).strip("\n")
        assert re.search(expected, output), output
        return True

    eventually(check, timeout=45)


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(("line", "expected"), FOLLOWED.items(), ids=list(FOLLOWED))
def test_a_followed_log_shows_the_lines_of_the_tutorial(
    demo: object, line: str, expected: str
) -> None:
    output = shell(f"timeout 5 {line} || [[ $? == 124 ]]")
    assert re.search(expected, output), output


def test_a_pod_can_be_described_and_its_events_and_log_read(demo: object) -> None:
    pod = cluster.pods("converter")[0]
    limits = shell(f"kubectl describe pod {pod} | grep -A 5 Limits")
    assert re.search(r"Limits:\n.*^ +memory: +1Gi", limits, re.MULTILINE | re.DOTALL), limits
    assert "Waiting for messages..." in shell(f"timeout 5 kubectl logs {pod} -f || [[ $? == 124 ]]")
    shell(f"kubectl get events --field-selector involvedObject.name={pod}")


def test_the_published_test_message_goes_to_the_dead_queue_once(demo: object) -> None:
    dead = "kubectl exec rabbitmq-0 -- dead"
    shell(f"{dead} purge")
    assert "Published test message" in shell(PUBLISH)

    def check() -> bool:
        listed = shell(f"{dead} list")
        assert listed.startswith("1 in the dead queue") and "507f1f77bcf86cd799439011" in listed
        return True

    eventually(check)
    assert shell(f"{dead} purge").startswith("1 purged")


def test_a_consumer_by_hand_waits_for_messages_and_is_ended_by_the_documented_line(
    demo: object,
) -> None:
    """kubectl ends at Ctrl+C; what it started in the pod does not."""
    assert "Waiting for messages. Press Ctrl+C to exit." in shell(CONSUME)
    shell("kubectl exec rabbitmq-0 -- pkill python3")
    consumers = "kubectl exec rabbitmq-0 -- rabbitmqctl list_queues name consumers"
    until(lambda: "video\t4" in shell(consumers), "the converters have the queue to themselves")


def test_a_purged_deleted_and_declared_queue_is_consumed_again(demo: object) -> None:
    shell("kubectl exec rabbitmq-0 -- rabbitmqctl purge_queue video")
    shell("kubectl exec rabbitmq-0 -- rabbitmqctl purge_queue mp3")
    shell("kubectl exec rabbitmq-0 -- rabbitmqctl delete_queue video")
    shell("kubectl exec rabbitmq-0 -- rabbitmqadmin declare queue name=video durable=true")
    shell("kubectl exec rabbitmq-0 -- rabbitmqadmin declare queue --name video")

    def check() -> bool:
        listed = shell(
            "kubectl exec rabbitmq-0 -- rabbitmqctl list_queues name type policy consumers"
        )
        assert "video\tquorum\tjobs\t4" in listed
        return True

    eventually(check, timeout=60)


@pytest.mark.parametrize(
    ("target", "local", "remote", "path", "status"),
    [
        ("service/gateway", 18080, 8080, "/login", "405"),
        ("pod/rabbitmq-0", 18081, 15672, "/api/overview", "200"),
    ],
)
def test_a_port_forward_by_hand_reaches_the_pod(
    demo: object, target: str, local: int, remote: int, path: str, status: str
) -> None:
    line = (
        f"kubectl port-forward {target} {local}:{remote} >/dev/null & "
        "trap 'kill %1' EXIT; "
        f"curl -s -u guest:guest -o /dev/null -w '%{{http_code}}' --retry 20 --retry-connrefused "
        f"--retry-delay 1 http://localhost:{local}{path}"
    )
    assert shell(line).endswith(status)


@pytest.mark.parametrize(("app", "address", "port"), REFUSED)
def test_what_no_service_needs_is_refused(demo: object, app: str, address: str, port: int) -> None:
    with pytest.raises(AssertionError):
        shell(f"kubectl exec deployment/{app} -- nc -zv -w 3 {address} {port}")


def test_the_sweeper_runs(demo: object) -> None:
    shell("kubectl create job sweep-test --from=cronjob/sweep")
    try:
        shell("kubectl wait --for=condition=complete job/sweep-test --timeout=60s")
    finally:
        shell("kubectl delete job sweep-test")
