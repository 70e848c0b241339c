"""A folder in a provider's bucket of S3, reached by an Airflow connection; nothing is ever written or removed there.

The connection (type `aws`) says who asks in any way that Airflow's provider knows: login and password are key and
secret, `role_arn` in the extra a role. `endpoint_url` in its extra is the server where that is not Amazon's.
"""

import errno
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from nte.deliveries.kept_files import FileChangedError
from nte.errors import NteError
from nte.pickup.places import Seen

if TYPE_CHECKING:
    from _typeshed import SupportsRead
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from botocore.exceptions import ClientError

CONNECTS_WITHIN_SECONDS: Final = 10
ANSWERS_WITHIN_SECONDS: Final = 30
"""A server that is silent for longer, before or in the middle of a file, counts as dead."""
KEY_REFUSED: Final = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken")
OTHER_REGION: Final = ("PermanentRedirect", "AuthorizationHeaderMalformed")
LONGEST_REASON: Final = 200
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class S3Folder:
    """The objects of a bucket whose keys begin alike, up to a slash."""

    looks_apart_seconds = 0.0
    """An object appears whole."""

    def __init__(self, client: Any, connection: str, bucket: str, path: str) -> None:
        self._client, self._connection, self._bucket = client, connection, bucket
        self._prefix = f"{path.strip('/')}/".lstrip("/")

    def __str__(self) -> str:
        return f"s3://{self._connection}@{self._bucket}/{self._prefix}"

    def look(self) -> dict[str, Seen]:
        """Return the objects, each with size, time of the last change and ETag. Raises OSError, NteError."""
        pages = self._client.get_paginator("list_objects_v2")
        asked = pages.paginate(Bucket=self._bucket, Prefix=self._prefix, Delimiter="/")
        with self._explained():
            objects = [
                one for page in asked for one in page.get("Contents", ()) if one["Key"] != self._prefix
            ]
        return {
            one["Key"].removeprefix(self._prefix): Seen(
                one["Size"], int(one["LastModified"].timestamp()) * 10**9, one["ETag"]
            )
            for one in objects
        }

    @contextmanager
    def open_at(self, name: str, seen: Seen, at: int) -> Iterator["SupportsRead[bytes]"]:
        """Give what an object holds from byte `at` on.

        Raises OSError, also while it is read; FileChangedError where it is another than was seen.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        asked = {
            "Bucket": self._bucket,
            "Key": self._prefix + name,
            "IfMatch": seen.etag,
            "Range": f"bytes={at}-",
        }
        try:
            with closing(self._client.get_object(**asked)["Body"]) as body:
                yield body
        except ClientError as problem:
            if _code(problem) == "PreconditionFailed":
                raise FileChangedError(
                    f"{self}{name}: changed while it was looked at. It is taken when it stands still."
                ) from problem
            raise OSError(errno.EIO, _answer(problem)) from problem
        except BotoCoreError as problem:
            raise ConnectionResetError(errno.ECONNRESET, "the connection broke") from problem

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise NteError with the next action for what somebody has to mend, OSError for any other answer."""
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        try:
            yield
        except ClientError as problem:
            self._say_refusal(problem)
            raise OSError(errno.EIO, _answer(problem)) from problem
        except NoCredentialsError as problem:
            raise NteError(
                f"{self}: the Airflow connection {self._connection!r} holds no key. Put the key and its secret into "
                "its login and password."
            ) from problem
        except BotoCoreError as problem:
            raise NteError(
                f"{self}: the server does not answer ({_why(problem)}). Look at the network and at endpoint_url of the "
                f"Airflow connection {self._connection!r}, or ask the provider; nothing is lost, and the next run "
                "tries again."
            ) from problem

    def _say_refusal(self, problem: "ClientError") -> None:
        """Raise NteError for an answer of the server that somebody has to mend; return for any other."""
        code = _code(problem)
        if code in KEY_REFUSED:
            raise NteError(
                f"{self}: the server refuses the key of the Airflow connection {self._connection!r} ({code}). Mend its "
                "login and password, or ask the provider for a new key."
            ) from problem
        if code == "NoSuchBucket":
            raise NteError(
                f"{self}: the server has no bucket {self._bucket!r}. Ask the provider what it is called, and write "
                "that into `pickup` in the source's section."
            ) from problem
        if code == "AccessDenied":
            raise NteError(
                f"{self}: the Airflow connection {self._connection!r} may not look into it. Ask the provider to allow "
                "its key s3:ListBucket and s3:GetObject there."
            ) from problem
        if code in OTHER_REGION:
            raise NteError(
                f"{self}: the bucket is in another region than is asked. Put the one that the provider names into "
                f"region_name of the Airflow connection {self._connection!r}."
            ) from problem


@contextmanager
def s3_folder(connection: str, bucket: str, path: str) -> Iterator[S3Folder]:
    """Give a folder in a bucket by an Airflow connection. Raises NteError with the next action."""
    with closing(_client(connection)) as client:
        yield S3Folder(client, connection, bucket, path)


def _client(connection: str) -> Any:
    """Return the provider's client, set to check whose server answers. Raises NteError."""
    if not find_spec("airflow.providers.amazon"):
        raise NteError(
            "Fetching from S3 needs an extra that is not installed here. Say: pip install 'nte-monitor[s3]', then run "
            "again."
        )
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    hook = S3Hook(connection)
    try:
        hook.get_connection(connection)  # the hook itself would go on as whoever this machine is
        _see_to_the_way(hook, connection)
        ours = Config(
            connect_timeout=CONNECTS_WITHIN_SECONDS,
            read_timeout=ANSWERS_WITHIN_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 2},
        )
        return hook.get_client_type(hook.region_name, ours.merge(hook.config))
    except AirflowNotFoundException as problem:
        raise NteError(
            f"There is no Airflow connection {connection!r}, by which deliveries are fetched. Set "
            f"AIRFLOW_CONN_{connection.upper()}, or make it in Airflow (docs/onboarding.md, Fetched from S3)."
        ) from problem
    except (AirflowException, BotoCoreError, ClientError, AttributeError, TypeError, ValueError) as problem:
        raise NteError(
            f"The Airflow connection {connection!r} cannot be used as it stands ({_why(problem)}). Mend its extra "
            "(docs/onboarding.md, Fetched from S3)."
        ) from problem


def _see_to_the_way(hook: "S3Hook", connection: str) -> None:
    """Raise NteError where nobody could tell whose server answers, or others could read along."""
    endpoint = urlsplit(hook.conn_config.get_service_endpoint_url("s3") or "https://")
    is_open = endpoint.scheme != "https" and endpoint.hostname not in LOOPBACK
    if is_open or hook.verify is False:
        raise NteError(
            f"The Airflow connection {connection!r} does not check whose server answers. Let its endpoint_url begin "
            "with https://, and take `verify` out of its extra, or name there the file of the certificates to trust."
        )


def _code(problem: "ClientError") -> str:
    return str(problem.response.get("Error", {}).get("Code"))


def _answer(problem: "ClientError") -> str:
    """Return what the server said, on one line; it may have said nothing."""
    said = str(problem.response.get("Error", {}).get("Message") or "")
    return shorten(said, LONGEST_REASON, placeholder=" …") or _code(problem)


def _why(problem: Exception) -> str:
    """Return the reason on one line, whatever the server said, and nothing of what was asked of it."""
    return shorten(re.sub(r'\?[^"\s]*', "", str(problem)), LONGEST_REASON, placeholder=" …")
