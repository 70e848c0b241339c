"""Deliveries that are fetched from a real OpenSSH server: whole, once, and from nobody else."""

import getpass
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from cli.doctor import pickups
from flows.run import Run
from flows.sftp import SftpFolder
from flows.take_deliveries import check
from nte.errors import NteError
from tests.expectations.fetching import NAME, NOW, OLD, fetch, fetched, inbox, leave, let_fetch, parts
from tests.expectations.house import DAY, House, csv_text, police_row

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
pytest.importorskip("airflow.providers.sftp", reason="the extra `sftp` is not installed")
pytestmark = pytest.mark.skipif(
    SSHD is None, reason="no OpenSSH server is installed (Debian: openssh-server)"
)


@dataclass
class Server:
    """An OpenSSH server on loopback, its keys, and the folder in which the provider leaves files."""

    keys: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert SSHD
        settings = self.keys / "sshd_config"
        settings.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.keys}/host\nAuthorizedKeysFile {self.keys}/login.pub\n"
            "PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            "Subsystem sftp internal-sftp\n"
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", settings], stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + 20
        while not self.answers():
            assert time.monotonic() < deadline, "the server does not come up"
            time.sleep(0.02)

    def answers(self) -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """End the server with all its sessions, at once."""
        if self.process is not None and self.process.poll() is None:
            sessions = psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()
            for session in sessions:
                session.kill()
            self.process.wait()

    def set_connection(self, **otherwise: Any) -> None:
        """Set the Airflow connection; the fixture takes it back."""
        extra = {
            "private_key": (self.keys / "login").read_text(),
            "host_key": " ".join((self.keys / "host.pub").read_text().split()[:2]),
            "look_for_keys": "false",
        }
        facts = {"conn_type": "sftp", "host": "127.0.0.1", "port": self.port, "login": getpass.getuser()}
        own = otherwise.pop("extra", {})
        said = facts | otherwise | {"extra": {k: v for k, v in (extra | own).items() if v}}
        os.environ["AIRFLOW_CONN_FORCE"] = json.dumps(said)


def make_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-m", "PEM", "-f", path], check=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("host", "login", "other"):
        make_key(folder / name)
    return folder


@pytest.fixture(scope="module")
def running(keys: Path) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(keys, free.getsockname()[1])
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(SftpFolder, "looks_apart_seconds", 0.01)
    monkeypatch.setenv("AIRFLOW_CONN_FORCE", "")
    running.set_connection()
    if not running.answers():
        running.start()
    return running


@pytest.fixture
def folder(tmp_path: Path, house: House) -> Path:
    """The folder of a provider, from which the house fetches by SFTP."""
    path = tmp_path / "outgoing"
    path.mkdir()
    let_fetch(house, f"sftp://force{path}")
    return path


def test_a_delivery_is_fetched_once_used_and_left_where_it_was(
    server: Server, folder: Path, house: House
) -> None:
    original = leave(folder, NAME, csv_text([police_row(n) for n in range(3)]))
    leave(folder, "police_2026-03-25.json", '{"rows": 3}')
    leave(folder, "police_2026-03-24.csv", "half a fi", time.time())
    (folder / "police_2026-03-23.csv").symlink_to("/etc/passwd")
    before = original.stat()
    assert check(Run(house.settings, house.area, NOW, slack=lambda: None), "police") == []
    assert house.conform() == 3
    assert house.names("accepted") == ["police/police_2026-03-25.csv", "police/police_2026-03-25.json"]
    assert fetch(house) == ((), ("police_2026-03-24.csv",))
    assert (original.stat().st_mtime_ns, original.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert [finding.is_good for finding in pickups(house.area)] == [True]
    leave(folder, NAME, csv_text([police_row(n) for n in range(4)]), OLD + 60)
    assert fetch(house)[0] == (NAME,)


def test_what_grows_between_two_looks_is_not_fetched_however_old_its_server_calls_it(
    server: Server, folder: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(folder, NAME, "half a fi")
    monkeypatch.setattr("nte.pickup.fetch.sleep", lambda _: leave(folder, NAME, "half a file and mo"))
    assert fetch(house) == ((), (NAME,))
    assert inbox(house) == []


def test_a_server_that_dies_in_the_middle_leaves_nothing_half_and_the_next_run_goes_on(
    server: Server, folder: Path, house: House
) -> None:
    size = 8_000_000
    leave(folder, NAME, "a" * size)
    house.put_day("police", [police_row()], day=DAY.replace(day=24))
    reached = []

    def kill_in_the_middle() -> None:
        deadline = time.monotonic() + 20
        while not any(part.stat().st_size for part in parts(house)) and time.monotonic() < deadline:
            time.sleep(0.001)
        server.kill()
        reached.append(time.monotonic() < deadline)

    killer = threading.Thread(target=kill_in_the_middle)
    killer.start()
    with pytest.raises(NteError, match=r"could not be copied from sftp://force.*the next run goes on from"):
        fetch(house)
    killer.join()
    assert reached == [True], "a part was there when it died"
    assert inbox(house) == ["police_2026-03-24.csv"]
    with pytest.raises(NteError, match="the server does not answer"):
        check(Run(house.settings, house.area, NOW, slack=lambda: None), "police")
    assert house.deliveries().height == 1, "what is here is checked all the same"
    server.start()
    [part] = parts(house)
    n_come = part.stat().st_size
    leave(folder, NAME, "b" * size)
    assert fetch(house) == ((NAME,), ())
    assert fetched(house) == b"a" * n_come + b"b" * (size - n_come), "what had come was not read again"


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        (
            {"extra": {"host_key": "OTHER"}},
            r"another server answers than was agreed: its key is SHA256:\S+\. No",
        ),
        ({"extra": {"host_key": None}}, "does not check whose server answers. Put the server's key"),
        (
            {"extra": {"host_key": None, "no_host_key_check": True}},
            "does not check whose server answers. Put the server's key",
        ),
        ({"extra": {"allow_host_key_change": True}}, "does not check whose server answers"),
        (
            {"extra": {"private_key": "OTHER"}},
            "the server refuses the login of the Airflow connection 'force'",
        ),
        ({"extra": {"private_key": "no key"}}, "the Airflow connection 'force' cannot be used as it stands"),
        (
            {"extra": {"host_key": "ssh-ed25519 x"}},
            "the Airflow connection 'force' cannot be used as it stands",
        ),
        ({"host": ""}, "the Airflow connection 'force' cannot be used as it stands"),
        ({"port": 1}, "the server does not answer"),
        ({"host": "no-such-host.invalid"}, "the server does not answer"),
    ],
)
def test_what_is_wrong_with_a_connection_is_one_sentence(
    otherwise: dict[str, Any],
    said: str,
    server: Server,
    folder: Path,
    house: House,
) -> None:
    leave(folder, NAME, csv_text([police_row()]))
    extra = otherwise.get("extra", {})
    others = {"host_key": "other.pub", "private_key": "other"}
    own = {k: (server.keys / others[k]).read_text() if v == "OTHER" else v for k, v in extra.items()}
    server.set_connection(**otherwise | {"extra": own})
    with pytest.raises(NteError, match=f"(?i){said}") as told:
        fetch(house)
    assert "\n" not in str(told.value)
    assert inbox(house) == []
    (finding,) = pickups(house.area)
    assert (finding.is_good, finding.text) == (False, str(told.value))


def test_a_connection_that_is_not_set_up_and_a_folder_that_is_not_there_are_one_sentence(
    server: Server, folder: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.rmdir()
    with pytest.raises(
        NteError, match=r"deliveries of police cannot be fetched from it \(No such file\)\. Let"
    ):
        fetch(house)
    monkeypatch.delenv("AIRFLOW_CONN_FORCE")
    with pytest.raises(NteError, match="There is no Airflow connection 'force', by which"):
        fetch(house)
