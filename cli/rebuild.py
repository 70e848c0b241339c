"""`nte rebuild`: the warehouse, made again from the journal, the lake and the area's files."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from nte.area import Area
from nte.errors import NteError, WarehouseBusyError
from nte.files import make_folder
from nte.journal import KEPT, Journal
from nte.migrations import NEWEST
from nte.settings import Settings
from nte.tables.counts import NIGHTS
from nte.warehouse import open_warehouse, open_warehouse_file, rebuilding_mark
from transforms.lake import Loaded
from transforms.steps import count_nights, load_lake

ANEW = ".rebuilding"
"""Where the new warehouse is made, in the home itself, so that it can take its place at once."""


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did."""

    loaded: Loaded
    aside: Path | None
    """Where the old warehouse stands now."""


def rebuild(settings: Settings, area: Area, now: datetime) -> Rebuilt:
    """Make the warehouse again; the old one is moved aside when the new one is whole. Safe to repeat.

    Raises NteError when nothing was kept, or what was kept is damaged: then nothing has changed.
    """
    journal = Journal(settings.journal)
    _refuse_unusable(journal)
    fresh = settings.model_copy(update={"home": settings.home / ANEW})
    with _nobody_else(settings, journal):
        shutil.rmtree(fresh.home, ignore_errors=True)
        counted_until = _fill(journal, fresh)
        loaded = load_lake(fresh, area, settings)
        count_nights(fresh, area, counted_until or now)
        aside = _swap_in(fresh.warehouse_file, settings.warehouse_file)
        journal.begin()
    shutil.rmtree(fresh.home)
    return Rebuilt(loaded, aside)


def _refuse_unusable(journal: Journal) -> None:
    if not journal.holds_anything():
        raise NteError(
            f"{journal.folder}: nothing was kept here from which the warehouse could be made again. Restore the last "
            "backup, or begin anew from the originals: nte restore-deliveries."
        )
    if (version := journal.state().version) != NEWEST:
        raise NteError(
            f"{journal.folder}: it was kept by another version of this service (its shape is {version}, this one knows "
            f"{NEWEST}). Rebuild with that version, then update."
        )


@contextmanager
def _nobody_else(settings: Settings, journal: Journal) -> Iterator[None]:
    """Keep every other run out. What a warehouse that can be read says beyond the journal is noted first."""
    path = settings.warehouse_file
    make_folder(path.parent)
    mark = rebuilding_mark(path)
    with (path.parent / "posting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists():
            _note_what_it_still_says(settings, journal)
            mark.touch()
        try:
            yield
        except NteError:
            if path.exists():
                mark.unlink()
            raise
        mark.unlink()


def _note_what_it_still_says(settings: Settings, journal: Journal) -> None:
    if journal.is_complete() or not settings.warehouse_file.exists():
        return
    try:
        with open_warehouse(settings):
            pass
    except WarehouseBusyError:
        raise
    except NteError:
        return  # damaged: that is why it is rebuilt


def _fill(journal: Journal, fresh: Settings) -> datetime | None:
    """Fill a new warehouse with what was kept; return until when nights had been counted."""
    tables = [(kept.table, journal.read(kept)) for kept in KEPT]
    with open_warehouse_file(fresh.warehouse_file) as warehouse, warehouse.transaction():
        for table, rows in tables:
            warehouse.replace(table, rows)
        last = warehouse.query(f"SELECT max(closes_at) AS last FROM {NIGHTS.name}")["last"][0]
    return last if isinstance(last, datetime) else None


def _swap_in(fresh: Path, path: Path) -> Path | None:
    """Put the new warehouse into its place, the old one and its log of changes aside."""
    aside = path.with_name(f"{path.stem}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{path.suffix}")
    wal = path.with_name(path.name + ".wal")
    if wal.exists():
        wal.rename(aside.with_name(aside.name + ".wal"))
    was_there = path.exists()
    if was_there:
        path.rename(aside)
    fresh.replace(path)
    return aside if was_there else None


def rebuild_and_say(console: Console, settings: Settings, area: Area, now: datetime) -> None:
    """Make the warehouse again, and say what came of it and what is to be done."""
    done = rebuild(settings, area, now)
    console.print(
        f"The warehouse was made again: {done.loaded.n_records:,} records, and all that was kept of the rest.",
        soft_wrap=True,
    )
    if done.aside:
        console.print(
            f"The old one stands aside as {done.aside}; remove it when you are content.", soft_wrap=True
        )
    if names := done.loaded.from_originals:
        console.print(
            f"Read again from the originals, because the lake had lost them: {_some(names)}.", soft_wrap=True
        )
    if names := done.loaded.lost:
        console.print(
            f"[bold red]Neither kept nor in accepted/[/], so that their nights are not known: {_some(names)}. "
            "Ask the providers to send them again.",
            soft_wrap=True,
        )
    console.print(
        "Next: nte run (or start Airflow); what a killed run had not finished is done then.", soft_wrap=True
    )


def _some(names: tuple[str, ...], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
