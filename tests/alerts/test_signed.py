"""What comes to a request URL counts only when the app signed it, and lately."""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import Clock

from alerts.slack.door import signed_payload
from alerts.slack.listen import Reply, read_interaction
from tests.alerts.test_listen import press

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105  of this test
NOW = 1_774_000_000
BODY = urlencode({"payload": json.dumps(press("acted_on"))}).encode()


class Stopped(Clock):
    """A clock that stands."""

    def now(self) -> float:
        return float(NOW)


def headers(body: bytes = BODY, *, secret: str = SECRET, at: int = NOW) -> dict[str, str]:
    """Return the headers with which Slack sends a body."""
    signature = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={signature}"}


def test_a_signed_press_is_read_as_one_that_came_by_socket_mode() -> None:
    payload = signed_payload(BODY, headers(), SECRET, Stopped())
    assert payload is not None
    assert isinstance(read_interaction(payload), Reply)


@pytest.mark.parametrize(
    ("sent", "secret"),
    [
        (headers(secret="another"), SECRET),  # noqa: S106  of this test
        (headers(BODY + b"x"), SECRET),
        (headers(at=NOW - 301), SECRET),
        (headers(at=NOW + 301), SECRET),
        ({}, SECRET),
        (headers(secret=""), ""),
    ],
)
def test_anything_else_is_refused(sent: Mapping[str, str], secret: str) -> None:
    assert signed_payload(BODY, sent, secret, Stopped()) is None


def test_a_signed_body_without_a_payload_is_none_of_ours() -> None:
    body = b"command=%2Fnte"
    assert signed_payload(body, headers(body), SECRET, Stopped()) is None
