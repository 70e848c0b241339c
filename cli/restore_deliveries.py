"""`nte restore-deliveries`: originals that the warehouse does not know are taken again, in their order."""

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from cli.terminal import harmless
from expectations.steps import Checked, check_deliveries
from nte.area import Area, Source
from nte.deliveries.inbox import arrival_at
from nte.deliveries.kept_files import MANIFEST_SUFFIX, read_bytes, sha256_of
from nte.errors import MisuseError
from nte.files import make_folder
from nte.settings import Settings
from nte.tables.deliveries import DELIVERIES
from nte.warehouse import open_warehouse
from transforms.steps import conform_deliveries, count_nights

NUMBERED = re.compile(r"(?P<name>.+)-(?P<number>[1-9]\d*)")
ONE_AFTER_THE_OTHER = timedelta(microseconds=1)
"""Between the files of one name, so that the later one is known to be the later one."""


@dataclass(frozen=True)
class Original:
    """A file that was accepted once."""

    path: Path
    source: str
    file_name: str
    """Under which it came."""
    number: int
    """1 for the first file of that name, 2 for the one that came after it, …"""


def restore_deliveries(
    console: Console, settings: Settings, area: Area, folder: Path | None, now: datetime
) -> list[Checked]:
    """Take every original again that is not in the records, and count; of one name the first file before the second.

    The originals stay where they are, and the inbox is left alone. Safe to repeat. Raises MisuseError for a folder
    without originals of this area.
    """
    place = folder or settings.accepted
    found = [o for source in area.sources.values() for o in _originals(place / source.source, source, area)]
    if not found:
        raise MisuseError(
            f"{place}: no originals here. Name the folder that has one folder a source ({', '.join(area.sources)}), "
            "such as accepted/ of a backup: --from DIR."
        )
    apart = settings.model_copy(update={"inbox": settings.home / ".restoring"})
    _put_back_what_waits(settings, apart)
    for source in area.sources:
        conform_deliveries(settings, area, source)  # what waits in the inbox was decided before
    missing, taken = _not_in_records(settings, found), list[Checked]()
    try:
        for n, files in enumerate(_rounds(missing)):
            taken += _take(apart, area, files, now + n * ONE_AFTER_THE_OTHER)
    finally:
        shutil.rmtree(apart.inbox_folder, ignore_errors=True)
    count_nights(settings, area, now)  # also what one before this took that was killed before it counted
    _say(console, found, missing, taken)
    return taken


def _put_back_what_waits(settings: Settings, apart: Settings) -> None:
    """Put what a killed restore had checked and not used into the inbox, where deliveries wait to be used."""
    if not apart.inbox_folder.exists():
        return
    with open_warehouse(settings) as warehouse:
        waiting = (
            warehouse.read(DELIVERIES, "NOT is_conformed").select("source", "file_name", "sha256").rows()
        )
    for source, name, sha256 in waiting:
        path, target = apart.inbox_folder / source / name, settings.inbox_folder / source / name
        if path.is_file() and not target.exists() and sha256_of(read_bytes(path)) == sha256:
            make_folder(target.parent)
            path.rename(target)
    shutil.rmtree(apart.inbox_folder)


def _originals(folder: Path, source: Source, area: Area) -> Iterator[Original]:
    for path in sorted(folder.glob("*")):
        if path.suffix == MANIFEST_SUFFIX or not path.is_file():
            continue
        numbered = NUMBERED.fullmatch(path.stem)
        if arrival_at(path, source, area):
            yield Original(path, source.source, path.name, 1)
        elif numbered and arrival_at(path.with_stem(numbered["name"]), source, area):
            yield Original(path, source.source, numbered["name"] + path.suffix, int(numbered["number"]))


def _not_in_records(settings: Settings, originals: Sequence[Original]) -> list[Original]:
    with open_warehouse(settings) as warehouse:
        used = set(warehouse.read(DELIVERIES, "is_conformed")["sha256"])
    return [o for o in originals if sha256_of(read_bytes(o.path)) not in used]


def _rounds(originals: Sequence[Original]) -> Iterator[list[Original]]:
    """Yield originals so that no two of a round have the same name: first the first of each, then the second."""
    by_number = defaultdict(list)
    for original in originals:
        by_number[original.number].append(original)
    yield from (by_number[number] for number in sorted(by_number))


def _take(apart: Settings, area: Area, files: Sequence[Original], at: datetime) -> list[Checked]:
    shutil.rmtree(apart.inbox_folder, ignore_errors=True)
    for original in files:
        target = apart.inbox_folder / original.source / original.file_name
        make_folder(target.parent)
        for suffix in (MANIFEST_SUFFIX, original.path.suffix):
            if original.path.with_suffix(suffix).is_file():
                shutil.copyfile(original.path.with_suffix(suffix), target.with_suffix(suffix))
    taken = list[Checked]()
    for source in sorted({original.source for original in files}):
        taken += check_deliveries(apart, area, source, at).checked
        conform_deliveries(apart, area, source)
    return taken


def _say(
    console: Console, found: Sequence[Original], missing: Sequence[Original], taken: Sequence[Checked]
) -> None:
    rows = sum(one.n_accepted for one in taken)
    console.print(
        f"{len(found)} originals, {len(found) - len(missing)} of them in the records already; {len(taken)} taken again "
        f"with {rows:,} rows.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    for one in taken:
        if not one.n_accepted and one.n_rows:
            console.print(harmless(one.summary), highlight=False, soft_wrap=True)
    if later := len(missing) - len(taken):
        console.print(f"{later} not taken: dated after the time of this command (--now).", soft_wrap=True)
    console.print("Next: nte run, which judges their nights.", soft_wrap=True)
