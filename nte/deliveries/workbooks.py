"""Reads a sheet of a workbook (.xlsx, .ods) as the text that a delivery of text would be. Pure: bytes in, text out.

A cell that is a date or a time is written as the source writes its times, a number in a column of times is a date as
spreadsheets count them. What else stands in the file (other sheets, comments, properties) is handed out to be searched.
"""

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from python_calamine import CalamineWorkbook

from nte.area import Source
from nte.deliveries.made_columns import FIRST_DAY
from nte.deliveries.packed import UnreadableDelivery, read_part

Cell = int | float | str | bool | date | datetime | time | timedelta
MOST_ROWS_BEFORE: Final = 30
FIRST_DAY_1904 = datetime(1904, 1, 1)  # noqa: DTZ001  local
SERIAL_DAYS: Final = (20_000, 80_000)
"""Numbers of days from 1954 to 2119: what a number in a column of times must lie between to be one."""
MOST_DIGITS: Final = 15
"""A spreadsheet keeps so many digits of a number, and makes zeros of the others."""
PLAIN_NUMBER: Final = re.compile(r"[1-9]\d*|0")
CELL_END: Final = "\t"
"""Between the cells of a row that is no row of the delivery."""
TEXT_NODE, CELL_NODES, E_MAIL_LINK = (
    re.compile(r">([^<>]+)<"),
    re.compile(r"<(?:\w+:)?[vf]\b[^>]*>[^<]*<"),
    re.compile(r"mailto:([^\"'&?]+)"),
)
PIVOT_VALUE: Final = re.compile(r"\bv=\"([^\"]+)\"")
TEXT_PARTS: Final = (".xml", ".rels", ".vml", ".rdf")
KNOWN_PARTS: Final = re.compile(
    r"mimetype|xl/printerSettings/.*|docProps/thumbnail\..*|Thumbnails/.*|Configurations2/.*|layout-cache|.*/"
)
"""Parts without text that a workbook has of its own: how it is printed, what it looks like when it is opened."""


@dataclass(frozen=True)
class Sheet:
    """A sheet with cells: rows of equal length, from the first row and column on."""

    name: str
    rows: list[list[Cell]]


@dataclass(frozen=True)
class Workbook:
    """What a workbook holds."""

    sheets: tuple[Sheet, ...]
    """Those that hold anything, hidden ones too."""
    other_texts: tuple[str, ...]
    """Comments, properties, links, pivot tables: what is in no cell."""
    is_1904: bool
    """Its days are counted from 1904."""


def read_workbook(content: bytes) -> Workbook:
    """Return what a workbook holds. Raises UnreadableDelivery, also where a part of it could not be searched."""
    sheets = _read_sheets(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: read_part(archive, name) for name in archive.namelist()}
    unknown = [name for name in parts if not name.endswith(TEXT_PARTS) and not KNOWN_PARTS.fullmatch(name)]
    if unknown:
        raise UnreadableDelivery(
            "it is a workbook with pictures, macros or embedded files, which cannot be searched; the sheet must be "
            "sent alone",
            is_text=False,
        )
    in_cells = {plain(cell) for sheet in sheets for row in sheet.rows for cell in row}
    texts = {text for name, part in parts.items() if name.endswith(TEXT_PARTS) for text in _texts(name, part)}
    is_1904 = re.search(rb"\bdate1904=\"(?:1|true)\"", parts.get("xl/workbook.xml", b"")) is not None
    return Workbook(sheets, tuple(sorted(texts - in_cells)), is_1904)


def _read_sheets(content: bytes) -> tuple[Sheet, ...]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            found = [Sheet(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    except BaseException as problem:  # what its reader stumbles over may be no Exception of Python's
        if isinstance(problem, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise UnreadableDelivery(
            "it is a workbook that is damaged or locked with a password", is_text=False
        ) from None
    return tuple(sheet for sheet in found if any(cell != "" for row in sheet.rows for cell in row))


def _texts(name: str, part: bytes) -> Iterator[str]:
    """Yield the texts of a part but for the numbers of its cells."""
    text = part.decode("utf-8", errors="replace")
    yield from E_MAIL_LINK.findall(text)
    if "pivotCache" in name:
        yield from (html.unescape(value) for value in PIVOT_VALUE.findall(text))
    bare = CELL_NODES.sub("<", text) if "/worksheets/" in name else text
    yield from (said for found in TEXT_NODE.findall(bare) if (said := html.unescape(found).strip()))


def sheet_text(
    content: bytes, source: Source, agreed: Callable[[Sequence[str]], list[str]]
) -> tuple[bytes, tuple[str, ...]]:
    """Return the sheet that is the delivery as CSV (UTF-8) from its header on, and all other text of the workbook.

    `agreed` returns the cells of a row as the contract names them: the header is the row with most of its columns.
    Raises UnreadableDelivery.
    """
    book = read_workbook(content)
    contract = {*source.required_columns, *source.optional_columns}

    def n_known(row: Sequence[Cell]) -> int:
        return len(contract & set(agreed([plain(cell) for cell in row])))

    sheet, at = _find_header(book, source, n_known)
    header, rows = [plain(cell) for cell in sheet.rows[at]], sheet.rows[at + 1 :]
    columns = [
        _write_column([row[i] for row in rows], name, source, book) for i, name in enumerate(agreed(header))
    ]
    beside = [row for other in book.sheets for row in (other.rows[:at] if other is sheet else other.rows)]
    lines = [CELL_END.join(text for cell in row if (text := plain(cell))) for row in beside]
    table = as_csv([header, *(list(row) for row in zip(*columns, strict=True))])
    return table, (*(line for line in lines if line), *book.other_texts)


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8; one without any text is a blank line."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    for row in rows:
        if any(row):
            writer.writerow([cell.replace("\0", "").replace("\r", "") for cell in row])
        else:
            file.write("\n")
    return file.getvalue().encode()


def _find_header(
    book: Workbook, source: Source, n_known: Callable[[Sequence[Cell]], int]
) -> tuple[Sheet, int]:
    sheets = [s for s in book.sheets if source.sheet in (None, s.name)]
    if not sheets:
        what = f"has no sheet {source.sheet!r}" if book.sheets else "is empty: not even a header"
        raise UnreadableDelivery(f"it {what}", is_text=False)
    best = {}
    for n, sheet in enumerate(sheets):
        found = [n_known(row) for row in sheet.rows[:MOST_ROWS_BEFORE]]
        best[n] = (max(found), found.index(max(found)))
    most = max(n_found for n_found, _ in best.values())
    if len(same := [n for n, (n_found, _) in best.items() if n_found == most]) > 1 and most:
        raise UnreadableDelivery(
            f'{len(same)} of its sheets have the agreed header; the area file must name one (sheet = "…")',
            is_text=False,
        )
    return sheets[same[0]], best[same[0]][1]


def _write_column(cells: list[Cell], name: str, source: Source, book: Workbook) -> list[str]:
    """Return the cells of a column as the source writes them."""
    if form := source.time_form(name):
        first = FIRST_DAY_1904 if book.is_1904 else FIRST_DAY
        return [_write_time(cell, form, first) for cell in cells]
    if name in source.key_columns:
        return _write_keys(cells)
    return [plain(cell) for cell in cells]


def _write_time(cell: Cell, form: str, first: datetime) -> str:
    """Return a date, a time or a number of days as written by a format; text as it stands."""
    if isinstance(cell, bool | str):
        return plain(cell)
    if isinstance(cell, int | float):
        if not (SERIAL_DAYS[0] <= cell < SERIAL_DAYS[1] or 0 <= cell < 1):
            return plain(cell)
        cell = first + timedelta(days=cell)
    if isinstance(cell, timedelta):
        cell = first + cell
    if isinstance(cell, time):
        cell = datetime.combine(first, cell)
    if not isinstance(cell, datetime):
        cell = datetime.combine(cell, time())
    return (cell + timedelta(milliseconds=500)).replace(microsecond=0).strftime(form)


def _write_keys(cells: list[Cell]) -> list[str]:
    """Return a column of references; a number that may have been another reference is written as a rounded one.

    Where others of the column have letters or leading zeros, a number has lost its own (`26E5`, `0012`).
    """
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    are_numbers = all(PLAIN_NUMBER.fullmatch(text) for text in texts)
    return [
        f"{float(cell):.{MOST_DIGITS - 1}E}"
        if isinstance(cell, int | float) and not (are_numbers and _is_whole(cell))
        else plain(cell)
        for cell in cells
    ]


def _is_whole(number: float) -> bool:
    return float(number).is_integer() and 0 <= number < 10**MOST_DIGITS


def plain(cell: Cell) -> str:
    """Return a cell as it is shown where nobody has chosen another form."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return str(int(cell)) if _is_whole(abs(cell)) else f"{cell:.{MOST_DIGITS}g}"
    if isinstance(cell, datetime):
        return cell.replace(microsecond=0).isoformat(" ")
    return cell.strip() if isinstance(cell, str) else str(cell)
