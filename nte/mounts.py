"""Which file systems should be mounted: an inbox on a share that is not there looks like an inbox that stays empty."""

import os
from pathlib import Path

FSTAB = Path("/etc/fstab")
_PLACE = 1
"""Where a file system is put stands second on its line."""


def unmounted(folder: Path, fstab: Path = FSTAB) -> Path | None:
    """Return the place above `folder` where this machine should have mounted a file system and has not, or None."""
    if not fstab.exists():
        return None
    lines = [line.split() for line in fstab.read_text("utf-8", "replace").splitlines()]
    places = [Path(_unquoted(parts[_PLACE])) for parts in lines if len(parts) > _PLACE and parts[0][0] != "#"]
    above = [place for place in places if place.is_absolute() and folder.absolute().is_relative_to(place)]
    return next((place for place in above if not os.path.ismount(place)), None)


def _unquoted(place: str) -> str:
    """Return a path as it is: in that file a space stands as its number."""
    return place.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
