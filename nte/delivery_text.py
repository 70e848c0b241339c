"""Reads the bytes of a delivery into a frame of strings, whatever delimiter, encoding or line ends it has.

Pure: bytes in, frame out. No error and no message holds a cell of the delivery.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from nte.area import Source
from nte.errors import NteError

DELIMITERS = (",", ";", "\t", "|")
ROW_NUMBER = "row_number"
QUOTED = re.compile(r'"[^"]*"')
BINARY_STARTS = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


class UnreadableDelivery(NteError):  # noqa: N818  the name says what the delivery is
    """A delivery that cannot be read as a table; `reason` says why, without a value of it."""

    def __init__(self, reason: str, *, is_text: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_text = is_text


@dataclass(frozen=True)
class DeliveryText:
    """A delivery as strings: cells stripped of surrounding space, empty ones null."""

    frame: pl.DataFrame
    """The file's columns as String, and `row_number` (Int64; 1 = first row under the header).

    A column that the contract does not name is called after its place: what a provider calls it can be in no one's way.
    """
    header: tuple[str, ...]
    """The header's cells as sent."""
    delimiter: str
    encoding: str
    ragged_rows: tuple[int, ...]
    """Row numbers with more or fewer fields than the header; their cells cannot be trusted."""
    surplus: dict[int, str]
    """What ragged rows hold beyond the header's columns, by row number: to be searched, never stored."""


def read_delivery(content: bytes, source: Source) -> DeliveryText:
    """Return the table that a delivery holds.

    Reads UTF-8 with or without BOM and the source's other encodings; CRLF; quoted newlines; comma, semicolon,
    tab or bar, whichever shows most columns of the contract. Blank lines are no rows, but keep their number.
    Raises UnreadableDelivery.
    """
    text, encoding = _decode(content, source.encodings)
    contract = {*source.required_columns, *source.optional_columns}
    delimiter, header = _read_header(text, contract)
    n_delimiters = _count_delimiters(text, delimiter)
    names = _column_names(header, contract)
    cells = _parse(text, delimiter, names, len(n_delimiters))
    ragged = [i for i, n in enumerate(n_delimiters) if n not in (-1, len(header) - 1)]
    long_rows = {i for i in ragged if n_delimiters[i] >= len(header)}
    return DeliveryText(
        frame=_number(cells, n_delimiters != -1),
        header=tuple(header),
        delimiter=delimiter,
        encoding=encoding,
        ragged_rows=tuple(i for i in ragged if i > 0),
        surplus=_read_surplus(text, delimiter, len(header), long_rows),
    )


def _decode(content: bytes, encodings: Sequence[str]) -> tuple[str, str]:
    if not content.strip():
        raise UnreadableDelivery("it is empty: not even a header")
    for start, kind in BINARY_STARTS.items():
        if content.startswith(start):
            raise UnreadableDelivery(f"it is {kind}, not UTF-8 text with one header row", is_text=False)
    if b"\0" in content:
        raise UnreadableDelivery("it holds zero bytes, so it is not text", is_text=False)
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _tidy_line_ends(text.removeprefix("\ufeff")).lstrip("\n "), encoding
    raise UnreadableDelivery(f"it is not text in {' or '.join(encodings)}", is_text=False)


def _tidy_line_ends(text: str) -> str:
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")


def _read_header(text: str, contract: set[str]) -> tuple[str, list[str]]:
    """Return the delimiter that shows most columns of the contract, and the header's cells with it."""
    headers = {d: [name.strip() for name in _first_row(text, d)] for d in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda d: len(contract & set(headers[d])))
    if not any(headers[delimiter]):
        raise UnreadableDelivery("its first line is no header")
    return delimiter, headers[delimiter]


def _first_row(text: str, delimiter: str) -> list[str]:
    csv.field_size_limit(max(len(text), 1 << 17))
    try:
        return next(csv.reader(io.StringIO(text[: 1 << 20]), delimiter=delimiter), [])
    except csv.Error:
        return []


def _count_delimiters(text: str, delimiter: str) -> pl.Series:
    """Return how many delimiters outside quotation marks each line has, -1 for a blank one."""
    if text.count('"') % 2:
        raise UnreadableDelivery("a quotation mark is opened and never closed, so rows run into each other")
    bare = QUOTED.sub("q", text) if '"' in text else text
    lines = pl.Series("line", bare.removesuffix("\n").split("\n"), dtype=pl.String)
    counts = lines.str.count_matches(delimiter, literal=True).cast(pl.Int64)
    return counts.set(lines.str.strip_chars() == "", -1)


def _column_names(header: list[str], contract: set[str]) -> list[str]:
    """Return names for all columns; one that the contract does not name is called after its place."""
    repeated = sorted({name for name in header if header.count(name) > 1 and name in contract})
    if repeated:
        raise UnreadableDelivery(f"its header names {', '.join(repeated)} more than once")
    return [name if name in contract else f"column_{i + 1}" for i, name in enumerate(header)]


def _parse(text: str, delimiter: str, names: list[str], n_lines: int) -> pl.DataFrame:
    try:
        cells = pl.read_csv(
            text.encode(),
            has_header=False,
            separator=delimiter,
            schema=dict.fromkeys(names, pl.String),
            infer_schema_length=0,
            extra_columns="ignore",
            missing_columns="insert",
        )
    except (pl.exceptions.PolarsError, ValueError):
        raise UnreadableDelivery("its quotation marks do not stand around whole cells") from None
    if cells.height != n_lines:
        raise UnreadableDelivery("its quotation marks do not pair up within cells")
    stripped = pl.all().str.strip_chars()
    return cells.select(pl.when(stripped != "").then(stripped))


def _number(cells: pl.DataFrame, has_text: pl.Series) -> pl.DataFrame:
    """Return the rows under the header with their numbers, without blank lines."""
    numbered = cells.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW_NUMBER))
    return numbered.filter(has_text & (numbered[ROW_NUMBER] > 0))


def _read_surplus(text: str, delimiter: str, n_columns: int, rows: set[int]) -> dict[int, str]:
    if not rows:
        return {}
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    return {i: " ".join(line[n_columns:]) for i, line in enumerate(lines) if i in rows}
