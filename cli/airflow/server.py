"""Where the UI of this installation listens, who may log in, what its server is told; own settings win."""

import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cli.airflow.home import airflow_environment
from cli.airflow.left_over import who_listens
from nte.errors import MisuseError
from nte.files import SECRET, write_text
from nte.settings import Settings

HOST, PORT, USER = "127.0.0.1", 8080, "nte"
WORKER_LOG_PORT, TRIGGER_LOG_PORT = 8793, 8794
"""Airflow's own; others are taken where these are in use."""
USERS = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"
AUTH_MANAGER = "AIRFLOW__CORE__AUTH_MANAGER"
PASSWORDS_FILE = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
PARSE_SECONDS = "120"
"""Between two parses of a DAG file: they change with the installation only, and each parse costs a second and lines."""
EXECUTION_SECONDS = "60"
"""A task waits as long for the API: on a busy machine an answer has taken longer than Airflow's own 5 s."""


@dataclass(frozen=True)
class Place:
    """Where the API server listens."""

    host: str
    port: int
    path: str = ""

    @property
    def address(self) -> str:
        """The address under which this machine reaches it."""
        host = HOST if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104  listening there is the person's wish
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}{self.path}"


def place_of(port: int | None) -> Place:
    """Return where the server listens: as asked, else as Airflow's own settings say, else on this machine only.

    Raises MisuseError when the person's own setting is no port.
    """
    own = os.environ.get("AIRFLOW__API__PORT", "")
    if port is None and own and not own.isdigit():
        raise MisuseError(f"AIRFLOW__API__PORT is {own!r}, which is no port. Write a number, such as 8080.")
    path = urlsplit(os.environ.get("AIRFLOW__API__BASE_URL", "")).path.rstrip("/")
    return Place(os.environ.get("AIRFLOW__API__HOST", HOST), port or int(own or PORT), path)


def check_port(place: Place) -> None:
    """Raise MisuseError when the server could not listen there, with who does."""
    try:
        _try_port(place)
    except OverflowError as problem:
        raise MisuseError(f"{place.port} is no port. Choose one up to 65535: nte up --port 8081") from problem
    except PermissionError as problem:
        raise MisuseError(
            f"port {place.port}: this user may not use ports under 1024. Choose another: nte up --port 8081"
        ) from problem
    except OSError as problem:
        raise MisuseError(
            f"port {place.port} is taken on this machine ({who_listens(place.port)}). Choose another: "
            f"nte up --port {place.port + 1}"
        ) from problem


def is_taken(place: Place) -> bool:
    """Say whether somebody listens there."""
    try:
        _try_port(place)
    except OSError:
        return True
    return False


def _try_port(place: Place) -> None:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((place.host, place.port))


def server_environment(settings: Settings, time_zone: str, place: Place) -> dict[str, str]:
    """Return the whole environment of the service's processes."""
    ours = _server_settings(settings, place)
    own = {name for name in os.environ if name.startswith("AIRFLOW__")} - {"AIRFLOW__API__PORT"}
    return (
        os.environ
        | airflow_environment(settings, time_zone)
        | {name: value for name, value in ours.items() if name not in own}
    )


def say_login(settings: Settings, environment: Mapping[str, str]) -> str:
    """Return how a person logs in."""
    if AUTH_MANAGER in os.environ or USERS in os.environ:
        return f"log in as {AUTH_MANAGER if AUTH_MANAGER in os.environ else USERS} says"
    if PASSWORDS_FILE in os.environ:
        return f"login {USER}, password in {environment[PASSWORDS_FILE]}"
    return f"login {USER} / {_password(settings)}"


def _password(settings: Settings) -> str:
    path = settings.home / "airflow" / "passwords.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if USER not in known:
        known[USER] = secrets.token_urlsafe(12)
        write_text(path, json.dumps(known), SECRET)
    return known[USER]


def _secret(settings: Settings) -> str:
    path = settings.home / "airflow" / "jwt_secret"
    if not path.exists():
        write_text(path, secrets.token_hex(48), SECRET)
    return path.read_text()


def _server_settings(settings: Settings, place: Place) -> dict[str, str]:
    return {
        "AIRFLOW__API__HOST": place.host,
        "AIRFLOW__API__PORT": str(place.port),
        "AIRFLOW__API__BASE_URL": place.address,
        "NTE_BASE_URL": settings.base_url or f"{_shown_address(place)}/nights",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{place.address}/execution/",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": EXECUTION_SECONDS,
        USERS: f"{USER}:admin",
        PASSWORDS_FILE: str(settings.home.resolve() / "airflow" / "passwords.json"),
        "AIRFLOW__API_AUTH__JWT_SECRET": _secret(settings),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": PARSE_SECONDS,
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": PARSE_SECONDS,
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(_free_port(WORKER_LOG_PORT)),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(_free_port(TRIGGER_LOG_PORT)),
    }


def _shown_address(place: Place) -> str:
    """Return the address that people use: their own setting, behind a proxy, or the server's."""
    return os.environ.get("AIRFLOW__API__BASE_URL", place.address).rstrip("/")


def _free_port(wanted: int) -> int:
    """Return the wanted port, or another one when it is taken on any address of this machine."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted
