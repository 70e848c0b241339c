"""Writes deliveries to an inbox: the only file of the simulation that changes anything on disk."""

import os
from collections.abc import Mapping
from pathlib import Path

MANIFEST_ENDING = ".json"


def write_deliveries(inbox: Path, files: Mapping[str, bytes]) -> int:
    """Write files (`<source>/<name>`: content), each whole or not at all; return how many were not there yet.

    A manifest is written before its delivery, so that none is ever taken without. Raises ValueError, and
    writes nothing, if the inbox holds anything that is not one of these files, byte for byte.
    """
    check_inbox(inbox, files)
    n_written = 0
    for name in sorted(files, key=_manifest_first):
        path = inbox / name
        if not path.exists():
            _write_whole(path, files[name])
            n_written += 1
    return n_written


def _manifest_first(name: str) -> tuple[str, bool]:
    path = Path(name)
    return path.with_suffix("").as_posix(), path.suffix != MANIFEST_ENDING


def check_inbox(inbox: Path, files: Mapping[str, bytes]) -> None:
    """Raise ValueError unless all that the inbox holds is among the files given."""
    if inbox.exists() and not inbox.is_dir():
        raise ValueError(f"{inbox} is a file. Name a folder that is empty or does not exist yet.")
    for path in sorted(inbox.rglob("*")):
        name = path.relative_to(inbox).as_posix()
        if path.is_dir() or path.name.startswith("."):
            continue
        if name not in files:
            raise ValueError(
                f"{path} is not part of this simulation, and simulated and other deliveries must not mix. "
                "Name an empty folder, or move the file away."
            )
        if path.read_bytes() != files[name]:
            raise ValueError(
                f"{path} is there with other content, from another simulation. Name an empty folder, "
                "or repeat the arguments it was made with."
            )


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
