"""An export that no contract names: where its header is, and its rows as the reader of deliveries would give them."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from nte.area import IN_OUR_WAY, Columns, FileForm, Source
from nte.deliveries.packed import Unpacked, UnreadableDelivery, unpack
from nte.deliveries.text import DELIMITERS, ROW_NUMBER, DeliveryText, read_delivery
from nte.deliveries.workbooks import Sheet, plain, read_workbook

MOST_LINES, MOST_SIGNS = 30, 1 << 16
SEPARATOR: Final = re.compile(r'"?sep=', re.IGNORECASE)
LEAST_COLUMNS: Final = 2
NO_NAME: Final = re.compile(r"[\d\s.,:/+-]*|\d{1,2} \w{3,9} \d{2,4}.*")
"""A number, a date or a time: a cell that names no column."""
ALL_FORMS: Final[tuple[FileForm, ...]] = ("csv", "xlsx", "ods", "zip")
ISO_DAY, ISO_TIME = r"^\d{4}-\d{2}-\d{2}$", r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"


@dataclass(frozen=True)
class Export:
    """What was read of one export, or of several with one header."""

    text: DeliveryText
    """Its rows, with every named column under its own name."""
    header: tuple[str, ...]
    """The names of its columns that a contract could name, in order."""
    forms: tuple[FileForm, ...]
    sheet: str | None
    """The sheet that was read, where there are several with cells."""

    @property
    def n_rows(self) -> int:
        """How many rows it has."""
        return self.text.frame.height

    def cells(self, column: str) -> pl.Series:
        """Return the cells of a column, without the empty ones."""
        return self.text.frame[column].drop_nulls()


def read_export(content: bytes, source: Source, sheet: str | None = None) -> Export:
    """Return what an export holds. Raises UnreadableDelivery that says why where it cannot be read."""
    unpacked = unpack(content)
    if unpacked.form == "csv":
        header, chosen = _header_of_text(unpacked), None
    else:
        header, chosen = _header_of_workbook(unpacked, sheet)
    names = tuple(name for name in header if name and not IN_OUR_WAY.fullmatch(name))
    text = read_delivery(content, _of_anything(source, names, chosen))
    if not {*names} <= {*text.frame.columns}:
        raise UnreadableDelivery(
            "a name in its header goes over two lines; each column needs a name in one line"
        )
    if text.frame.is_empty():
        raise UnreadableDelivery("it has a header and no rows")
    if unpacked.form != "csv":
        text = replace(text, frame=text.frame.with_columns(_whole_times(text.frame[name]) for name in names))
    return Export(text, names, unpacked.forms, chosen)


def join_exports(exports: Sequence[Export]) -> Export:
    """Return several exports as one. Raises UnreadableDelivery where their headers differ."""
    first = exports[0]
    if any((other.header, other.forms) != (first.header, first.forms) for other in exports[1:]):
        raise UnreadableDelivery("the files have different columns or forms; give those of one kind alone")
    frame = pl.concat([export.text.frame.select(*first.header, ROW_NUMBER) for export in exports])
    beside = tuple(line for export in exports for line in export.text.beside)
    return replace(first, text=replace(first.text, frame=frame, beside=beside))


def _of_anything(source: Source, names: Sequence[str], sheet: str | None) -> Source:
    """Return a source whose contract is whatever the header names."""
    nothing: dict[str, object] = {
        "joined": {},
        "parted": {},
        "translated": {},
        "other_codes": {},
        "optional_columns": (),
    }
    return source.model_copy(
        update=nothing
        | {
            "columns": Columns.model_construct(record_id=names[0], event_from=names[0]),
            "other_time_columns": (),
            "unused_columns": tuple(names),
            "file_forms": ALL_FORMS,
            "sheet": sheet,
            "days_as_numbers": False,
            "time_formats": ("%Y-%m-%d %H:%M:%S",),
        }
    )


def _header_of_text(unpacked: Unpacked) -> list[str]:
    if not unpacked.content.strip():
        raise UnreadableDelivery("it is empty")
    if b"\0" in unpacked.content:
        raise UnreadableDelivery("it holds zero bytes, so it is not text")
    try:
        text = unpacked.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = unpacked.content.decode("cp1252", errors="replace")
    lines = re.split(r"\r\n|\r|\n", text[:MOST_SIGNS])[: MOST_LINES + 1]
    lines = [line for line in lines if not SEPARATOR.match(line)]
    best: list[str] = []
    for delimiter in DELIMITERS:
        rows = [next(csv.reader([line], delimiter=delimiter), []) for line in lines]
        found = rows[at] if (at := _header_row(rows)) is not None else []
        best = max(best, found, key=len)
    if not best:
        raise UnreadableDelivery(
            "no line of it is a header: one row that names two columns or more, each once, over rows of them"
        )
    return [name.strip() for name in best]


def _header_of_workbook(unpacked: Unpacked, wanted: str | None) -> tuple[list[str], str | None]:
    sheets = [s for s in read_workbook(unpacked.content).sheets if wanted in (None, s.name)]
    found = {s.name: header for s in sheets if (header := _header_of_sheet(s))}
    if not found:
        raise UnreadableDelivery(
            "no sheet of it has a header: one row that names two columns or more, each once, over rows of them"
        )
    sizes = {s.name: len(found[s.name]) * len(s.rows) for s in sheets if s.name in found}
    name = max(sizes, key=lambda n: sizes[n])
    if len(same := [n for n in found if found[n] == found[name]]) > 1:
        raise UnreadableDelivery(
            f"{len(same)} of its sheets have the same header; say which one is meant (--sheet)"
        )
    return found[name], name if len(sheets) > 1 or wanted else None


def _header_of_sheet(sheet: Sheet) -> list[str] | None:
    rows = [[plain(cell) for cell in row] for row in sheet.rows[: MOST_LINES + 1]]
    at = _header_row(rows)
    return None if at is None else rows[at]


def _header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which row is the header: the first of those that name most columns, with a row under it."""
    named = [sum(1 for cell in row if cell.strip()) if _is_header(row) else 0 for row in rows[:-1]]
    most = max(named, default=0)
    return named.index(most) if most >= LEAST_COLUMNS else None


def _is_header(row: Sequence[str]) -> bool:
    names = [cell.strip() for cell in row if cell.strip()]
    return len(set(names)) == len(names) >= LEAST_COLUMNS and not any(
        NO_NAME.fullmatch(name) for name in names
    )


def _whole_times(cells: pl.Series) -> pl.Series:
    """Return a column of a workbook with its days as times, where others of its cells are times: those at midnight."""
    if not cells.str.contains(ISO_TIME).any():
        return cells
    return (
        cells.str.replace(f"({ISO_DAY.strip('^$')})$", "$1 00:00:00")
        if cells.str.contains(ISO_DAY).any()
        else cells
    )
