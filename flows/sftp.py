"""A folder on a provider's SFTP server, reached by an Airflow connection; nothing is ever written or removed there.

The connection (type `sftp`) holds host, port, login, and a password or `private_key`; `host_key` in its extra is the
server's key. Without that key nothing is sent: nobody could tell whose server answers.
"""

import errno
import logging
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from nte.errors import NteError
from nte.pickup.places import Seen

if TYPE_CHECKING:
    from _typeshed import SupportsRead
    from airflow.providers.sftp.hooks.sftp import SFTPHook
    from paramiko import SFTPClient

ANSWERS_WITHIN_SECONDS: Final = 30
"""A server that is silent for longer, before or in the middle of a file, counts as dead."""


class SftpFolder:
    """A folder on a server to which a connection is open."""

    looks_apart_seconds = 2.0
    """Its clock is not ours: what is new is looked at twice."""

    def __init__(self, client: "SFTPClient", path: str, name: str) -> None:
        self._client, self._path, self._name = client, PurePosixPath(path), name

    def __str__(self) -> str:
        return self._name

    def look(self) -> dict[str, Seen]:
        """Return the plain files, each with size and time of the last change. Raises OSError."""
        with _broken_is_os_error():
            entries = self._client.listdir_attr(str(self._path))
        return {
            entry.filename: Seen(entry.st_size, (entry.st_mtime or 0) * 10**9)
            for entry in entries
            if entry.st_size is not None and (entry.st_mode is None or stat.S_ISREG(entry.st_mode))
        }

    @contextmanager
    def open_at(self, name: str, seen: Seen, at: int) -> Iterator["SupportsRead[bytes]"]:
        """Give what a file holds from byte `at` on. Raises OSError, also while it is read."""
        with _broken_is_os_error(), self._client.open(str(self._path / name), "rb") as file:
            file.seek(at)  # without a thread that asks ahead: its errors would be nobody's
            yield file


@contextmanager
def sftp_folder(connection: str, path: str) -> Iterator[SftpFolder]:
    """Connect to the server of an Airflow connection and give a folder there. Raises NteError with the next action."""
    hook = _hook(connection)
    name = f"sftp://{connection}{path}"
    try:
        client = _connected(hook, name, connection)
        yield SftpFolder(client, path, name)
    finally:
        hook.close_conn()
        if hook.client:
            hook.client.close()


def _hook(connection: str) -> "SFTPHook":
    """Return the provider's hook, set to check the server's key. Raises NteError."""
    if not find_spec("airflow.providers.sftp"):
        raise NteError(
            "Fetching by SFTP needs an extra that is not installed here. Say: pip install 'nte-monitor[sftp]', then "
            "run again."
        )
    from airflow.providers.sftp.hooks.sftp import SFTPHook
    from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException
    from paramiko import SSHException

    logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # what goes wrong is said once, in our errors
    try:
        hook = SFTPHook(connection, conn_retry_attempts=1)  # each attempt counts towards a lock of the login
    except AirflowNotFoundException as problem:
        raise NteError(
            f"There is no Airflow connection {connection!r}, by which deliveries are fetched. Set "
            f"AIRFLOW_CONN_{connection.upper()}, or make it in Airflow (docs/onboarding.md, Fetched by SFTP)."
        ) from problem
    except (AirflowException, ValueError, OSError, SSHException) as problem:
        raise NteError(
            f"The Airflow connection {connection!r} cannot be used as it stands ({_why(problem)}). Mend its host, "
            "host_key or private_key (docs/onboarding.md, Fetched by SFTP)."
        ) from problem
    if hook.host_key is None or hook.no_host_key_check or hook.allow_host_key_change:
        raise NteError(
            f"The Airflow connection {connection!r} does not check whose server answers. Put the server's key, as the "
            "provider confirms it, into its extra as host_key, and take out what switches the check off."
        )
    hook.conn_timeout = hook.conn_timeout or ANSWERS_WITHIN_SECONDS
    return hook


def _connected(hook: "SFTPHook", name: str, connection: str) -> "SFTPClient":
    """Return the open connection of a hook. Raises NteError."""
    from paramiko import AuthenticationException, BadHostKeyException, SSHException

    try:
        client = hook.get_conn()
        if channel := client.get_channel():
            channel.settimeout(ANSWERS_WITHIN_SECONDS)
    except BadHostKeyException as problem:
        raise NteError(
            f"{name}: another server answers than was agreed: its key is {problem.key.fingerprint}. No login was sent. "
            f"Ask the provider by another way; if it has a new key, put that into host_key of {connection!r}."
        ) from problem
    except AuthenticationException as problem:
        raise NteError(
            f"{name}: the server refuses the login of the Airflow connection {connection!r}. Mend its login, password "
            "or key, or ask the provider to let it in."
        ) from problem
    except (OSError, EOFError, SSHException) as problem:
        raise NteError(
            f"{name}: the server does not answer ({_why(problem)}). Look at the network and at host and port of the "
            f"Airflow connection {connection!r}, or ask the provider; nothing is lost, and the next run tries again."
        ) from problem
    return client


def _why(problem: Exception) -> str:
    """Return the reason without a number of the operating system; with no newline, whatever the server said."""
    return " ".join(str(getattr(problem, "strerror", None) or problem).split()) or "it hung up"


@contextmanager
def _broken_is_os_error() -> Iterator[None]:
    """Raise what a broken connection is to the library as what it is to everybody else."""
    from paramiko import SSHException

    try:
        yield
    except (EOFError, SSHException) as problem:
        raise ConnectionResetError(errno.ECONNRESET, "the connection broke") from problem
