"""Reads the bytes of a delivery into a frame of strings, whatever delimiter, encoding or line ends it has.

Pure: bytes in, frame out. No error and no message holds a cell of the delivery.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from nte.area import Source
from nte.deliveries.made_columns import with_made_columns
from nte.deliveries.packed import Unpacked, UnreadableDelivery, unpack
from nte.deliveries.workbooks import sheet_text

DELIMITERS = (",", ";", "\t", "|")
ROW_NUMBER = "row_number"
PIECE_BYTES = 1 << 23
"""So much of a delivery is read at a time: of 2 million rows a fiftieth."""
SEPARATOR_LINE = re.compile(r'\A"?sep=[^\n]{0,3}\n+', re.IGNORECASE)
"""What a spreadsheet writes before the header, to say how cells are parted."""
MARKS = re.compile(r"[\ufeff\u200b\u00a0\s]+")
MOST_LINES_BEFORE = 30
MOST_LINES_BELOW = 3
TOTAL = re.compile(
    r"(?:grand |sub-?)?totals?\b|(?:rows?|records?|count|number of (?:rows|records))\b|\d+ (?:rows?|records?)\b"
    r"|end of (?:report|extract|file|data)\b|(?:report|extract|file) (?:run|created|generated)\b|generated\b",
    re.IGNORECASE,
)
"""How a line begins that a report writes under its rows; only where few of its cells are filled."""
FORMS = {
    "csv": "text (CSV)",
    "xlsx": "an Excel workbook",
    "ods": "an OpenDocument sheet",
    "zip": "a zip archive",
}
LEAST_COLUMNS = 6
"""With so many columns no text of a cell has by chance, line by line, as many delimiters as rows have."""
QUOTED = re.compile(r'"[^"]*"')


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

    beside: tuple[str, ...] = ()
    """What stands in the file beside its rows (titles, totals, other sheets): to be searched, never stored."""
    read_past: tuple[str, ...] = ()
    """Columns that it has, whose cells are not here."""

    def parts(self, n_rows: int) -> Iterator["DeliveryText"]:
        """Yield it in parts of so many rows; one part where it has no more."""
        for start in range(0, max(self.frame.height, 1), n_rows):
            yield replace(self, frame=self.frame.slice(start, n_rows))

    def without(self, columns: Iterable[str]) -> "DeliveryText":
        """Return it without the cells of these columns, which are read past from now on."""
        gone = tuple(name for name in columns if name in self.frame.columns)
        kept = [column for column in self.frame.get_columns() if column.name not in gone]
        return replace(self, frame=pl.DataFrame(kept), read_past=gone)


def read_delivery(content: bytes, source: Source, *, without: Collection[str] = ()) -> DeliveryText:
    """Return the table that a delivery holds.

    Reads text in UTF-8 with or without BOM, UTF-16 and the source's other encodings; CRLF; quoted newlines; comma,
    semicolon, tab or bar, whichever shows most columns of the contract; and, where the area file says that the source
    sends them, .xlsx, .ods and archives of one file. Titles over the header and totals under the last row are no rows;
    blank lines are none either, but keep their number. The cells of the columns `without` are not kept. Raises
    UnreadableDelivery.
    """
    found = _read(content, source, without)
    return replace(found, frame=with_made_columns(found.frame, source))


def _read(content: bytes, source: Source, without: Collection[str]) -> DeliveryText:
    unpacked = unpack(content)
    is_as_sent = unpacked.form == "csv" and unpacked.content == content
    _refuse_other_forms(unpacked, source, is_as_sent=is_as_sent)
    if is_as_sent:
        return _read_text(content, source, without)
    try:
        if unpacked.form == "csv":
            return _read_text(unpacked.content, source, without)
        contract = _contract(source)
        text, beside = sheet_text(unpacked.content, source, lambda cells: _agreed_names(cells, contract))
        found = _read_text(text, source.model_copy(update={"encodings": ("utf-8",)}), without)
        return replace(found, beside=(*found.beside, *beside), encoding=unpacked.form)
    except UnreadableDelivery as problem:
        raise UnreadableDelivery(
            problem.reason, is_text=False
        ) from None  # it was not searched as it was sent


def _contract(source: Source) -> set[str]:
    return {*source.required_columns, *source.optional_columns}


def _refuse_other_forms(unpacked: Unpacked, source: Source, *, is_as_sent: bool) -> None:
    """Refuse what the area file does not say of this source. Raises UnreadableDelivery."""
    if lost := [form for form in unpacked.forms if form not in source.file_forms]:
        agreed = " and ".join(FORMS[form] for form in source.file_forms)
        raise UnreadableDelivery(
            f"it is {FORMS[lost[0]]}, and {agreed} is agreed; if this source is to send such files, the area file "
            f"must say so: file_forms = {json.dumps([*source.file_forms, *lost])}",
            is_text=is_as_sent,
        )


def _read_text(content: bytes, source: Source, without: Collection[str]) -> DeliveryText:
    encoding, contract = _encoding_of(content, source.encodings), _contract(source)
    delimiter, header, names, titles = "", list[str](), list[str](), list[str]()
    frames, ragged, surplus, n_before = list[pl.DataFrame](), list[int](), dict[int, str](), 0
    for text in _pieces(content, encoding):
        if frames:
            frames[-1] = frames[-1].drop(without, strict=False)
        else:
            titles, text = _past_titles(text, contract)  # noqa: PLW2901  the rest of the piece
            delimiter, header = _read_header(text, contract)
            names = _column_names(header, contract)
        n_delimiters = _count_delimiters(text, delimiter, len(header))
        cells = _parse(text, delimiter, names, len(n_delimiters))
        frames.append(_number(cells, n_delimiters != -1, n_before))
        is_ragged = (n_delimiters != -1) & (n_delimiters != len(header) - 1)
        at_fault = is_ragged.arg_true().to_list()
        ragged += [n_before + i for i in at_fault]
        long_rows = {i for i in at_fault if n_delimiters[i] >= len(header)}
        surplus |= {
            n_before + i: more for i, more in _read_surplus(text, delimiter, len(header), long_rows).items()
        }
        n_before += len(n_delimiters)
    frames[-1], totals = _without_totals(frames[-1])
    gone = [total[ROW_NUMBER] for total in totals]
    return DeliveryText(
        frame=pl.concat([*frames[:-1], frames[-1].drop(without, strict=False)]),
        header=tuple(header),
        delimiter=delimiter,
        encoding=encoding,
        ragged_rows=tuple(i for i in ragged if i > 0 and i not in gone),
        surplus=surplus,
        beside=(*titles, *(" ".join(str(cell) for cell in total.values() if cell) for total in totals)),
        read_past=tuple(name for name in names if name in without),
    )


def _encoding_of(content: bytes, encodings: Sequence[str]) -> str:
    """Return the first of the encodings in which it is text. Raises UnreadableDelivery where it is none."""
    if not content.strip():
        raise UnreadableDelivery("it is empty: not even a header")
    if b"\0" in content:
        raise UnreadableDelivery("it holds zero bytes, so it is not text", is_text=False)
    if found := next((encoding for encoding in encodings if _is_text_in(encoding, content)), None):
        return found
    raise UnreadableDelivery(f"it is not text in {' or '.join(encodings)}", is_text=False)


def _is_text_in(encoding: str, content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), PIECE_BYTES):
            decoder.decode(content[start : start + PIECE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _pieces(content: bytes, encoding: str) -> Iterator[str]:
    """Yield the text in pieces of whole rows with one kind of line end, so that little of it is held at a time.

    Raises UnreadableDelivery where a quotation mark is never closed.
    """
    if content.count(b'"') % 2:
        raise UnreadableDelivery("a quotation mark is opened and never closed, so rows run into each other")
    if b"\r" in content and b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    start = 0
    while start < len(content):
        end = _end_of_rows(content, start)
        text = content[start:end].decode(encoding)
        text = text.replace("\r\n", "\n") if "\r" in text else text
        yield text if start else SEPARATOR_LINE.sub("", text.removeprefix("\ufeff").lstrip("\n "))
        start = end


def _end_of_rows(content: bytes, start: int) -> int:
    """Return where a piece may end: after a line end that is in no quotation marks, with text right behind it."""
    end, counted, n_quotes = start + PIECE_BYTES, start, 0
    while end < len(content):
        end = content.find(b"\n", end) + 1
        if end == 0:
            break
        n_quotes += content.count(b'"', counted, end)
        counted = end
        if n_quotes % 2 == 0 and content[end : end + 1] not in {b"", b"\n", b"\r", b" ", b"\t"}:
            return end
    return len(content)


def _read_header(text: str, contract: set[str]) -> tuple[str, list[str]]:
    """Return the delimiter that shows most columns of the contract, and the header's cells with it.

    A cell that names a column of the contract but for capitals, spaces and marks is that column.
    """
    headers = {d: _agreed_names(_first_row(text, d), contract) for d in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda d: len(contract & set(headers[d])))
    if not any(headers[delimiter]):
        raise UnreadableDelivery("its first line is no header")
    return delimiter, headers[delimiter]


def _agreed_names(cells: Sequence[str], contract: set[str]) -> list[str]:
    """Return a header's cells as the contract names them; a column that stands there by its own name is no other."""
    there = {cell.strip() for cell in cells}
    return [_agreed(cell, contract - (there - {cell.strip()})) for cell in cells]


def _agreed(name: str, contract: set[str]) -> str:
    """Return the column of the contract that a header's cell names; the cell itself where it names none, or several."""
    if name.strip() in contract:
        return name.strip()
    plain = MARKS.sub("_", MARKS.sub(" ", name).strip()).casefold()
    found = [column for column in contract if column.casefold() == plain]
    return found[0] if len(found) == 1 else name.strip()


def _past_titles(text: str, contract: set[str]) -> tuple[list[str], str]:
    """Return the lines that stand over the header, and the rest.

    The header is the first line, unless more than half of the contract stands in one of those that follow.
    """
    lines = text.split("\n", MOST_LINES_BEFORE)[:MOST_LINES_BEFORE]
    n_known = [
        max(len(contract & set(_agreed_names(_first_row(line, d), contract))) for d in DELIMITERS)
        for line in lines
    ]
    at = n_known.index(max(n_known))
    if n_known[at] * 2 <= len(contract) or n_known[0] * 2 > len(contract):
        return [], text
    return [line for line in lines[:at] if line.strip()], "\n".join(text.split("\n", at)[at:])


def _without_totals(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[dict[str, object]]]:
    """Return the rows without the totals and notes under the last one, and these."""
    n_cells, found = rows.width - 1, list[dict[str, object]]()
    for row in reversed(rows.tail(MOST_LINES_BELOW).rows(named=True)):
        filled = [str(cell) for name, cell in row.items() if name != ROW_NUMBER and cell is not None]
        if len(filled) * 3 > n_cells or not any(TOTAL.match(cell) for cell in filled[:2]):
            break
        found.append(row)
    return rows.head(rows.height - len(found)), found


def _first_row(text: str, delimiter: str) -> list[str]:
    csv.field_size_limit(max(len(text), 1 << 17))
    try:
        return next(csv.reader(io.StringIO(text[: 1 << 20]), delimiter=delimiter), [])
    except csv.Error:
        return []


def _count_delimiters(text: str, delimiter: str, n_columns: int) -> pl.Series:
    """Return how many delimiters outside quotation marks each line has, -1 for a blank one.

    Raises UnreadableDelivery where whole rows stand in quotation marks: they would go unseen.
    """
    bare = QUOTED.sub("q", text) if '"' in text else text
    if n_columns >= LEAST_COLUMNS and bare.count("\n") < text.count("\n"):
        for cell in (match[0] for match in QUOTED.finditer(text)):
            n_lines = cell.count("\n")
            if n_lines and cell.count(delimiter) == n_lines * (n_columns - 1):
                raise UnreadableDelivery(
                    "its quotation marks do not pair up within cells: rows are lost between two"
                )
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


def _number(cells: pl.DataFrame, has_text: pl.Series, n_before: int) -> pl.DataFrame:
    """Return the rows under the header with their numbers, without blank lines."""
    numbers = pl.int_range(n_before, n_before + pl.len(), dtype=pl.Int64)
    numbered = cells.with_columns(numbers.alias(ROW_NUMBER))
    return numbered.filter(has_text & (numbered[ROW_NUMBER] > 0))


def _read_surplus(text: str, delimiter: str, n_columns: int, rows: set[int]) -> dict[int, str]:
    if not rows:
        return {}
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    return {i: " ".join(line[n_columns:]) for i, line in enumerate(lines) if i in rows}
