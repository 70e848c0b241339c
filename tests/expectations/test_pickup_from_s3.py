"""Deliveries that are fetched from a server that speaks S3: whole, once, and from nobody else."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from cli.doctor import pickups
from flows.run import Run
from flows.take_deliveries import check
from nte.errors import NteError
from tests.expectations.fetching import NAME, NOW, OLD, fetch, fetched, inbox, let_fetch, parts
from tests.expectations.house import House, csv_text, police_row

pytest.importorskip("airflow.providers.amazon", reason="the extra `s3` is not installed")
boto3 = pytest.importorskip("boto3")
moto_server = pytest.importorskip("moto.moto_server.werkzeug_app", reason="moto[server] is not installed")
MANIFEST = "police_2026-03-25.json"
BUCKET = "force"
SIZE = 700_000
US = "us"
"""Key and secret alike: the server asks for no others until it is told to."""


@dataclass
class Server:
    """A server that speaks S3 on loopback, which can break off in the middle of a delivery."""

    application: Callable[..., Iterable[bytes]]
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method of each request, and the bytes it wanted."""
    sends: int | None = None
    """So many bytes of the next delivery, and then the connection ends."""
    first: Callable[[], object] | None = None
    """What happens before the next delivery is sent."""
    is_full: bool = False
    address: str = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request, as WSGI asks."""
        self.asked.append((environ["REQUEST_METHOD"], environ.get("HTTP_RANGE", "")))
        if self.is_full:
            start_response("503 Slow Down", [("Content-Type", "application/xml")])
            return [b"<Error><Code>SlowDown</Code><Message>Reduce your\nrequest rate.</Message></Error>"]
        if not (environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].endswith(".csv")):
            return self.application(environ, start_response)
        sends, first, self.sends, self.first = self.sends, self.first, None, None
        if first:
            first()
        content = b"".join(self.application(environ, start_response))
        return [content[:sends]]

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.address,
            region_name="eu-west-2",
            aws_access_key_id=US,
            aws_secret_access_key=US,
        )

    def leave(self, name: str, text: str) -> None:
        """Leave an object of the provider's."""
        self.client("s3").put_object(Bucket=BUCKET, Key=f"out going/{name}", Body=text.encode())

    def leave_old(self, name: str, text: str) -> None:
        """Leave one that has stood there for an hour."""
        from moto.s3.models import s3_backends

        self.leave(name, text)
        buckets = s3_backends["123456789012"]["aws"].buckets
        buckets[BUCKET].keys[f"out going/{name}"].last_modified = datetime.fromtimestamp(OLD, UTC)

    @property
    def ranges(self) -> list[str]:
        return [wanted for _, wanted in self.asked if wanted]


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    from werkzeug.serving import make_server

    server = Server(moto_server.DomainDispatcherApplication(moto_server.create_backend_app))
    doors = make_server("127.0.0.1", 0, server, threaded=True)
    server.address = f"http://127.0.0.1:{doors.server_port}"
    serving = threading.Thread(target=doors.serve_forever)
    serving.start()
    server.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}
    )
    yield server
    doors.shutdown()
    serving.join()
    doors.server_close()


@pytest.fixture
def server(running: Server, house: House, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server with an empty bucket, from which the house fetches."""
    s3 = running.client("s3")
    for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        s3.delete_object(Bucket=BUCKET, Key=one["Key"])
    running.asked.clear()
    let_fetch(house, f"s3://force_s3@{BUCKET}/out%20going")
    connect(running, monkeypatch)
    return running


def connect(server: Server, monkeypatch: pytest.MonkeyPatch, **otherwise: Any) -> None:
    """Set the Airflow connection."""
    facts = {"conn_type": "aws", "login": US, "password": US} | otherwise
    extra = {"endpoint_url": server.address, "region_name": "eu-west-2"} | otherwise.get("extra", {})
    monkeypatch.setenv("AIRFLOW_CONN_FORCE_S3", json.dumps(facts | {"extra": extra}))


def test_a_delivery_is_fetched_once_used_and_left_where_it_was(server: Server, house: House) -> None:
    rows = [police_row(n) for n in range(3)]
    server.leave_old(NAME, csv_text(rows))
    server.leave(MANIFEST, '{"rows": 3}')
    server.leave("police_2026-03-24.csv", "no manifest, not old")
    server.leave("older/police_2026-03-23.csv", "elsewhere")
    server.leave("", "")
    server.asked.clear()
    assert check(Run(house.settings, house.area, NOW, slack=lambda: None), "police") == []
    assert house.conform() == 3
    assert house.names("accepted") == ["police/police_2026-03-25.csv", "police/police_2026-03-25.json"]
    assert fetch(house) == ((), ("police_2026-03-24.csv",))
    assert [finding.is_good for finding in pickups(house.area)] == [True]
    assert {method for method, _ in server.asked} == {"GET"}, "nothing there is changed"
    server.leave_old(NAME, csv_text(rows[::-1]))
    assert fetch(house)[0] == (NAME,), "as long and as old as before, but another"


def break_off(server: Server, house: House) -> None:
    """Let the connection end in the middle of a large file."""
    server.leave_old(NAME, "a" * SIZE)
    server.sends = 600_000
    with pytest.raises(
        NteError, match=r"could not be copied from s3://force_s3@force.* the next run goes on"
    ):
        fetch(house)
    assert inbox(house) == []


def test_one_that_breaks_off_goes_on_from_the_bytes_that_have_come(server: Server, house: House) -> None:
    break_off(server, house)
    n_come = parts(house)[0].stat().st_size
    assert 0 < n_come <= 600_000
    assert fetch(house) == ((NAME,), ())
    assert server.ranges == ["bytes=0-", f"bytes={n_come}-"], "what had come was not read again"
    assert fetched(house) == b"a" * SIZE


def test_one_that_has_changed_since_it_broke_off_begins_anew(server: Server, house: House) -> None:
    break_off(server, house)
    server.leave_old(NAME, "b" * SIZE)
    assert fetch(house) == ((NAME,), ())
    assert server.ranges == ["bytes=0-", "bytes=0-"]
    assert fetched(house) == b"b" * SIZE
    assert parts(house) == []


def test_one_that_changes_just_before_it_is_sent_is_fetched_another_time(
    server: Server, house: House
) -> None:
    break_off(server, house)
    server.first = lambda: server.leave_old(NAME, "short")
    assert fetch(house) == ((), (NAME,))
    assert inbox(house) == []
    assert fetch(house) == ((NAME,), ())
    assert fetched(house) == b"short"


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        (
            {"extra": {"endpoint_url": "http://127.0.0.1:1"}},
            r'does not answer \(Could not connect to .*/force"\)\. Look',
        ),
        (
            {"extra": {"endpoint_url": "http://s3.force.example"}},
            "does not check whose server answers. Let its",
        ),
        ({"extra": {"verify": False}}, "does not check whose server answers. Let its"),
        (
            {"extra": {"endpoint_url": "https://"}},
            "the Airflow connection 'force_s3' cannot be used as it stands",
        ),
        ({"extra": {"endpoint_url": 5}}, "'force_s3' cannot be used as it stands"),
        ({"extra": {"config_kwargs": {"no_such": 1}}}, "'force_s3' cannot be used as it stands"),
        ({"extra": {"profile_name": "no-such"}}, "'force_s3' cannot be used as it stands"),
    ],
)
def test_what_is_wrong_with_a_connection_is_one_sentence(
    otherwise: dict[str, Any],
    said: str,
    server: Server,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect(server, monkeypatch, **otherwise)
    refused(house, said)


def refused(house: House, said: str) -> None:
    """Fetch in vain, and let the doctor look."""
    with pytest.raises(NteError, match=f"(?i){said}") as told:
        fetch(house)
    assert "\n" not in str(told.value)
    (finding,) = pickups(house.area)
    assert (finding.is_good, finding.text) == (False, str(told.value))


def test_a_key_that_is_wrong_or_may_not_is_one_sentence(
    server: Server, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = server.client("iam")
    iam.create_user(UserName="nte")
    key = iam.create_access_key(UserName="nte")["AccessKey"]
    monkeypatch.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0)
    connect(server, monkeypatch)
    refused(house, r"refuses the key of the Airflow connection 'force_s3' \(InvalidAccessKeyId\)\. Mend")
    connect(server, monkeypatch, login=key["AccessKeyId"], password=US)
    refused(house, r"refuses the key of the Airflow connection 'force_s3' \(SignatureDoesNotMatch\)\. Mend")
    connect(server, monkeypatch, login=key["AccessKeyId"], password=key["SecretAccessKey"])
    refused(house, "'force_s3' may not look into it. Ask the provider to allow its key s3:ListBucket")


def test_a_connection_a_key_or_a_bucket_that_is_not_there_is_one_sentence(
    server: Server, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_fetch(house, "s3://force_s3@no-such-bucket")
    refused(house, "the server has no bucket 'no-such-bucket'. Ask the provider what it is called")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    connect(server, monkeypatch, login="", password="")
    refused(house, "the Airflow connection 'force_s3' holds no key. Put the key")
    monkeypatch.delenv("AIRFLOW_CONN_FORCE_S3")
    refused(house, "There is no Airflow connection 'force_s3', by which")


def test_a_server_that_is_full_is_one_sentence_and_asked_again_by_the_next_run(
    server: Server, house: House
) -> None:
    server.leave_old(NAME, "first")
    server.is_full = True
    refused(house, r"deliveries of police cannot be fetched from it \(Reduce your request rate\.\)\. Let")
    server.is_full = False
    assert fetch(house) == ((NAME,), ())
