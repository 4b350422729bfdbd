"""A webhook's signature is one of Standard Webhooks 1.0.0, as its authors' package checks it."""

import json
import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from servicekit.webhooks.signature import new_secret, signed

BODY = json.dumps({"type": "job.done", "data": {"filename": "Füße.mp4"}}).encode()
# The example of the specification's repository, libraries/python/tests.
KNOWN_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105
KNOWN = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_known_example_is_signed_as_known() -> None:
    body = b'{"test": 2432232314}'
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [KNOWN_SECRET])
    assert headers["webhook-signature"] == KNOWN


def test_a_receiver_with_either_secret_takes_it_and_another_does_not() -> None:
    new, old = new_secret(), new_secret()
    headers = dict(signed("msg_1", int(time.time()), BODY, [new, old]))
    for secret in (new, old):
        assert Webhook(secret).verify(BODY, headers)["type"] == "job.done"
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "body"])
def test_nothing_that_is_signed_can_be_changed(changed: str) -> None:
    secret, now = new_secret(), int(time.time())
    headers = dict(signed("msg_1", now, BODY, [secret]))
    other = {"webhook-id": "msg_2", "webhook-timestamp": str(now + 1)}
    body = BODY + b" " if changed == "body" else BODY
    headers |= {name: value for name, value in other.items() if name == changed}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)
