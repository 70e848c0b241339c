"""Where the deliveries of a source are fetched: a folder of this machine, or one on an SFTP server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nte.area import Source
from nte.pickup import Folder, Place


@contextmanager
def open_place(source: Source) -> Iterator[Place | None]:
    """Give the place that the source's `pickup` names, connected; None where its provider brings its files.

    Raises NteError, also while it is in use, with the next action.
    """
    address = urlsplit(source.pickup or "")
    if address.scheme == "sftp":
        from flows.sftp import sftp_folder

        with sftp_folder(address.netloc, unquote(address.path)) as folder:
            yield folder
    else:
        yield Folder(Path(unquote(address.path))) if address.scheme else None
