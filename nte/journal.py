"""The journal: what cannot be made again, kept a second time beside the warehouse in small files.

`<home>/journal/<table>/` holds what a table is as its last whole file and the changes since then, in order. Files are
never changed; after many changes one whole file takes their place. What is not in it is made again: records and prints
from the lake, counts from the records.

`state.json` says up to which number the files count, so that all tables of a session count at once or not at all, and
whether the warehouse may say more: a session says so before it first writes, and takes it back when all is noted. Of a
run that was killed in between that stands, and the next one compares everything.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from nte.columns import Table
from nte.errors import CannotWriteError, NteError
from nte.files import write_atomically, write_text
from nte.migrations import NEWEST
from nte.tables import STATE_OF_COUNT, WAREHOUSE_TABLES
from nte.tables.counts import NIGHT_COUNT_REVISIONS, NIGHT_COUNTS
from nte.tables.deliveries import EVENT_PRINTS, RECORD_PRINTS
from nte.tables.records import DELIVERY_CHANGES, LEDGER, PURGES, RECORDS
from nte.tables.slices import HOUR_PROFILE, ISTV_SCORECARD, MONTH_COVERAGE, SLICE_COUNTS

MADE_AGAIN: Final = (
    *(RECORDS, RECORD_PRINTS, EVENT_PRINTS, NIGHT_COUNTS, DELIVERY_CHANGES, LEDGER, MONTH_COVERAGE),
    *STATE_OF_COUNT,
)
"""Tables of which nothing is kept here: the lake holds the records, and the others follow from them."""
MOST_CHANGES: Final = 40
"""Files of changes that a table gathers before a whole one takes their place."""
STATE: Final = "state.json"
WHOLE, CHANGE = ".whole.parquet", ".change.parquet"
IS_GONE: Final = "_is_gone"


@dataclass(frozen=True)
class Kept:
    """What is kept of one table."""

    table: Table
    where: str = "true"
    """SQL condition: of purged nights the counts, of the others none, for example."""
    also_with: tuple[str, ...] = ()
    """Names of tables with which the condition changes."""


PURGED_NIGHTS: Final = Kept(
    NIGHT_COUNT_REVISIONS, "evening < (SELECT max(purged_before) FROM purges)", (PURGES.name,)
)
"""The counts of nights whose records are gone: nothing else says them any more."""
PURGED_SLICES: Final = (
    Kept(SLICE_COUNTS, "month < (SELECT max(purged_before) FROM purges)", (PURGES.name,)),
    Kept(ISTV_SCORECARD, "month < (SELECT max(purged_before) FROM purges)", (PURGES.name,)),
    Kept(HOUR_PROFILE, "year <= (SELECT year(max(purged_before) - 1) FROM purges)", (PURGES.name,)),
)
"""The same of months, of hospitals, and of hours of years."""
PARTLY_KEPT: Final = (PURGED_NIGHTS, *PURGED_SLICES)
_ELSEWHERE: Final = {*MADE_AGAIN, *(kept.table for kept in PARTLY_KEPT)}
KEPT: Final = (*(Kept(table) for table in WAREHOUSE_TABLES if table not in _ELSEWHERE), *PARTLY_KEPT)
"""Every table, a new one too, unless it is named above as made again."""
UNREADABLE: Final = (pl.exceptions.PolarsError, ValueError, OSError)
Read = Callable[[Kept], pl.DataFrame]


@dataclass(frozen=True)
class State:
    """What `state.json` says."""

    number: int = 0
    """Files of a higher number do not count."""
    version: int = 0
    """Shape of the warehouse whose rows these are."""
    is_complete: bool = False
    """The warehouse says no more than the files."""


class Journal:
    """The journal of one home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def holds_anything(self) -> bool:
        """Say whether anything was ever kept."""
        return self.state().number > 0

    def is_complete(self) -> bool:
        """Say whether it says what the warehouse says, in today's shape."""
        state = self.state()
        return state.is_complete and state.version == NEWEST

    def state(self) -> State:
        """Return up to where the files count. Raises NteError when that cannot be read."""
        path = self.folder / STATE
        try:
            return State(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return State()
        except (OSError, ValueError, TypeError) as problem:
            raise NteError(
                f"{path}: cannot be read ({type(problem).__name__}). Take its folder from a backup; if the "
                "warehouse is whole, delete the folder instead: it is written anew."
            ) from problem

    def begin(self) -> None:
        """Say that from now on the warehouse may say more."""
        if (state := self.state()).is_complete:
            self._say(replace(state, is_complete=False))

    def keep(self, read: Read, touched: Iterable[str] | None) -> None:
        """Note what has changed in these tables, or in all where None.

        Raises NteError when it cannot be written; what was not noted is noted by the next run.
        """
        names = None if touched is None else set(touched)
        chosen = [k for k in KEPT if names is None or names & {k.table.name, *k.also_with}]
        found = [(kept, read(kept)) for kept in chosen]
        number = self.state().number + 1
        try:
            for kept, rows in found:
                self._note(kept, rows, number)
            self._say(State(number, NEWEST, is_complete=True))
            for kept, _ in found:
                self._tidy(kept.table, number)
        except (OSError, CannotWriteError) as problem:
            why = problem.why if isinstance(problem, CannotWriteError) else problem.strerror
            raise NteError(
                f"{self.folder}: what was done cannot be kept a second time ({why}). Make room or let "
                "this user write there, then run again: nothing is lost."
            ) from problem

    def read(self, kept: Kept) -> pl.DataFrame:
        """Return what is kept of a table. Raises NteError when a file of it is damaged."""
        try:
            return kept.table.conform(self._read(kept.table, self.state().number))
        except UNREADABLE as problem:
            raise NteError(
                f"{self.folder / kept.table.name}: what was kept of the table {kept.table.name} cannot be read "
                f"({type(problem).__name__}). Take this folder from a backup, then say again: nte rebuild"
            ) from problem

    def _say(self, state: State) -> None:
        write_text(self.folder / STATE, json.dumps(asdict(state)))

    def _note(self, kept: Kept, rows: pl.DataFrame, number: int) -> None:
        folder = self.folder / kept.table.name
        files = _files(folder, number - 1)
        change = self._change(kept.table, rows, number - 1) if files else None
        if change is not None and change.is_empty():
            for cut_short in folder.glob(f"{number:08}.*"):
                cut_short.unlink()
            return
        is_small = change is not None and len(files) <= MOST_CHANGES and change.height * 2 <= rows.height
        kind, found = (CHANGE, change) if change is not None and is_small else (WHOLE, rows)
        (folder / f"{number:08}{WHOLE if kind == CHANGE else CHANGE}").unlink(missing_ok=True)
        write_atomically(folder / f"{number:08}{kind}", found.write_parquet)

    def _change(self, table: Table, rows: pl.DataFrame, number: int) -> pl.DataFrame | None:
        """Return the rows that are new or other, and the keys of those that are gone; None where it cannot be said."""
        try:
            before = table.conform(self._read(table, number))
        except UNREADABLE:
            return None  # damaged, or of another shape: a whole file takes its place
        new = rows.join(before, on=table.names, how="anti", nulls_equal=True)
        gone = before.join(rows, on=table.keys, how="anti")
        said = ((new, False), (gone, True))
        return pl.concat([frame.with_columns(pl.lit(is_gone).alias(IS_GONE)) for frame, is_gone in said])

    def _read(self, table: Table, number: int) -> pl.DataFrame:
        files = _files(self.folder / table.name, number)
        if not files:
            return table.empty()
        rows = pl.read_parquet(files[0])
        for file in files[1:]:
            change = pl.read_parquet(file)
            rest = rows.join(change, on=table.keys, how="anti")
            rows = pl.concat([rest, change.filter(~pl.col(IS_GONE)).drop(IS_GONE)])
        return rows

    def _tidy(self, table: Table, number: int) -> None:
        """Remove what no longer counts: files before the last whole one, and those that a kill left half written."""
        folder = self.folder / table.name
        standing = set(_files(folder, number))
        for path in folder.iterdir() if folder.exists() else ():
            if path not in standing:
                path.unlink(missing_ok=True)


def _files(folder: Path, number: int) -> list[Path]:
    """Return the last whole file up to a number and the changes since then, in order."""
    names = sorted(p.name for p in folder.glob("[0-9]*.parquet") if int(p.name.split(".")[0]) <= number)
    whole = [n for n, name in enumerate(names) if name.endswith(WHOLE)]
    return [folder / name for name in names[whole[-1] :]] if whole else []
