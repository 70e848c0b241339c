"""Where the deliveries of a source are fetched: a folder of this machine, on an SFTP server, or in a bucket of S3."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nte.area import Source
from nte.pickup.places import Folder, Place


@contextmanager
def open_place(source: Source) -> Iterator[Place | None]:
    """Give the place that the source's `pickup` names, connected; None where its provider brings its files.

    Raises NteError, also while it is in use, with the next action.
    """
    address = urlsplit(source.pickup or "")
    path = unquote(address.path)
    match address.scheme:
        case "sftp":
            from flows.sftp import sftp_folder

            with sftp_folder(address.netloc, path) as folder:
                yield folder
        case "s3":
            from flows.s3 import s3_folder

            connection, _, bucket = address.netloc.partition("@")
            with s3_folder(connection, bucket, path) as folder:
                yield folder
        case "file":
            yield Folder(Path(path))
        case _:
            yield None
