"""What must never be here: columns by their name, cells by what they hold.

What is looked for stands in personal_data.toml. A quick search over the distinct cells of every column finds
suspects; each is then looked at twice (check digit, postcode area, age of the date). No value is ever returned,
told or logged: only the kind, the column and the row numbers.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl

from expectations.cell_checks import is_personal
from expectations.messages import examples
from nte.area import Area, Source
from nte.deliveries.text import ROW_NUMBER, DeliveryText
from nte.deliveries.workbooks import CELL_END

RULES_FILE: Final = Path(__file__).with_name("personal_data.toml")
HEADER: Final = "the header"
SURPLUS: Final = "fields beyond the header"
BESIDE: Final = "what stands in the file beside its rows"
NO_EVENT: Final = date(1901, 1, 1)
"""A title may say of which days a report is: there a date is a birth only where it says so."""
REFERENCE_SHARE: Final = 0.5
LEAST_REFERENCES: Final = 20
"""In a column with so many ten-digit numbers of which most fail the check digit, the others pass by chance."""
REFERENCE: Final = r"^[^\s\d@]*\d{10}(?:[^\s\d@][^\s@]*)?$"
"""Ten digits in a row in a column of keys are a reference, marks around them included; in groups they are none."""
LIKE_A_NAME: Final = (
    r"^(?:[A-Za-z/]{1,5}\.? )?(?:\d{2,6} )?[A-Z][A-Za-z'’\-]*\.?,?(?: [A-Z]\.?)*(?: [A-Z][A-Za-z'’\-]+)+(?: [A-Z])?$"
    r"|^[A-Z][A-Za-z'’\-]+,? [A-Z]\.?$"
)
"""'John Smith', 'SMITH, John', 'J. Smith', 'PC 1234 Smith', 'Smith J'."""
STAFF_NUMBER: Final = r"^(?:[A-Za-z]{1,5}\.? ?)?\d{2,6}(?: [A-Z][A-Za-z'’\-]+)?$"
SOME, MANY = 1 / 3, 1 / 2
"""Of the different cells of a column."""
LEAST_NAMES, LEAST_APART = 5, 0.5
"""How many names, and how many of all cells, differ where a column holds people and not kinds of them."""
NUMBERS: Final = ("nhs_number", "uk_phone")
MOST_KINDS_TOLD: Final = 4


@dataclass(frozen=True)
class Finding:
    """Where personal data stands: never what it says."""

    kind: str
    column: str
    rows: tuple[int, ...] = ()


@cache
def load_rules() -> dict[str, Any]:
    """Return what personal_data.toml says."""
    return tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))


def find_personal_data(text: DeliveryText, source: Source, area: Area, first_date: date) -> list[Finding]:
    """Return where a delivery holds personal data: in its header, its cells, or beyond its columns."""
    contract = {*source.required_columns, *source.optional_columns}
    found = [
        Finding(f"a column for {kind}", place)
        for place, kind in forbidden_columns(text.header, contract, area.forbidden_columns)
    ]
    kinds = _kinds(area)
    if held := [
        says for kind, says in kinds if kind != "date_of_birth" and is_personal(kind, " ".join(text.header))
    ]:
        found += [Finding(says, HEADER) for says in held]
    cells = text.frame.drop(ROW_NUMBER, *source.made_columns, strict=False)
    found += _find_people(cells, text.header, contract - {*source.unused_columns})
    suspected = _suspected(cells, source, kinds)
    for i, column in enumerate(cells.columns):
        place, is_key = column if column in contract else f"column {i + 1}", column in source.key_columns
        for kind, says in kinds:
            if (column, kind) in suspected:
                filled = text.frame.select(ROW_NUMBER, cells[column].alias("cell")).drop_nulls("cell")
                found += _find_in_column(filled, kind, says, place, first_date, is_key=is_key)
    found += _find_beside(text.beside, kinds, area.forbidden_columns)
    return found + _find_in_surplus(text.surplus, kinds, first_date)


def find_in_raw_bytes(content: bytes, area: Area) -> list[Finding]:
    """Return the kinds of personal data in text that cannot be read as a table; binary files are not searched."""
    if b"\0" in content or not content.strip():
        return []
    lines = content.decode("latin-1").splitlines()
    return [
        Finding(says, "its text", tuple(i for i, line in enumerate(lines) if is_personal(kind, line)))
        for kind, says in _kinds(area)
        if kind != "date_of_birth" and any(is_personal(kind, line) for line in lines)
    ]


def tell_findings(found: Sequence[Finding]) -> str:
    """Return the findings in words: kind, column, row numbers."""
    told = [
        f"{f.kind} in {f.column}{examples(f.rows)}" if f.rows else f"{f.kind} ({f.column})" for f in found
    ]
    more = len(told) - MOST_KINDS_TOLD
    return "; ".join(told[:MOST_KINDS_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _kinds(area: Area) -> list[tuple[str, str]]:
    return [(kind, load_rules()["cells"][kind]["says"]) for kind in area.personal_cells]


def forbidden_columns(
    header: Sequence[str], contract: set[str], of_the_area: Iterable[str]
) -> list[tuple[str, str]]:
    """Return place and kind of each column that must not be here; the area's own contract may name what it likes."""
    own = {_plain(name) for name in of_the_area}
    found = []
    for i, name in enumerate(header):
        if name in contract:
            continue
        kind = "personal data" if _plain(name) in own else _kind_of_name(_plain(name))
        if kind:
            found.append((f"column {i + 1}", kind))
    return found


def _kind_of_name(plain: str) -> str | None:
    people = load_rules()["people"]
    if re.fullmatch(
        f"{_any(people['roles'] + people['staff'])}_?(full_?|fore_?|first_?|sur_?|last_?)?names?", plain
    ):
        return "a name"
    if re.fullmatch(f"({_any(people['staff'])}_)?{_any(people['numbers'])}", plain):
        return "a person's number"
    for kind, patterns in load_rules()["columns"].items():
        if any(re.fullmatch(pattern, plain) for pattern in patterns):
            return str(kind)
    return None


def _any(patterns: Sequence[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


def _find_people(cells: pl.DataFrame, header: Sequence[str], used: set[str]) -> list[Finding]:
    """Return the columns of no use here whose cells look like people: by a role in the header, or whatever it says."""
    return [
        Finding(kind, f"column {i + 1}")
        for i, (name, column) in enumerate(zip(header, cells.columns, strict=False))
        if name not in used and (kind := _people_in(cells[column].drop_nulls(), _plain(name)))
    ]


def _people_in(cells: pl.Series, plain: str) -> str | None:
    """Return what the cells of a column say of people: their names, or numbers of staff; None where they do not.

    Kinds of people, such as 'Member of the public', are few and come again and again.
    """
    people, distinct = load_rules()["people"], cells.unique()
    if distinct.is_empty():
        return None
    is_staff = re.fullmatch(rf"{_any(people['staff'])}(_?\d+)?", plain) is not None
    has_role = is_staff or re.fullmatch(rf"{_any(people['roles'])}(_?\d+)?", plain) is not None
    is_name = distinct.str.contains(LIKE_A_NAME)
    has_forename = distinct.str.contains(rf"(?i)\b{_any(people['forenames'].split())}\b")
    named, alike = (is_name & has_forename).sum() / distinct.len(), is_name.sum() / distinct.len()
    are_many = distinct.len() >= LEAST_NAMES
    are_apart = are_many and distinct.len() >= LEAST_APART * cells.len()
    if (has_role and (named >= SOME or (are_apart and alike >= MANY))) or (are_many and named >= MANY):
        return "people's names"
    numbered = distinct.str.contains(STAFF_NUMBER).sum() / distinct.len()
    return "numbers of staff" if is_staff and numbered >= MANY else None


def _plain(name: str) -> str:
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def _suspected(cells: pl.DataFrame, source: Source, kinds: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return columns and the kinds that a quick search finds in them: one look at all cells together."""
    times = {name for column in source.time_columns for name in (column, *source.file_columns(column))}
    looks = {
        (column, kind): _may_hold(kind, pl.nth(i), is_key=column in source.key_columns).any()
        for i, column in enumerate(cells.columns)
        for kind, _ in kinds
        if not (column in times and kind == "date_of_birth")
    }
    if not looks:
        return set()
    found = cells.select(look.alias(str(n)) for n, look in enumerate(looks.values())).row(0)
    return {pair for pair, is_found in zip(looks, found, strict=True) if is_found}


def _may_hold(kind: str, cell: pl.Expr, *, is_key: bool) -> pl.Expr:
    """Say of each cell whether a quick search finds a kind in it; of keys a reference is no number of a person."""
    is_found = cell.str.contains(load_rules()["cells"][kind]["finds"])
    return is_found & ~cell.str.contains(REFERENCE) if is_key and kind in NUMBERS else is_found


def _find_in_column(
    cells: pl.DataFrame, kind: str, says: str, place: str, first_date: date, *, is_key: bool
) -> list[Finding]:
    suspects = cells.filter(_may_hold(kind, pl.col("cell"), is_key=is_key))
    distinct = suspects["cell"].unique()
    held = [cell for cell in distinct if is_personal(kind, cell, first_date)]
    if (
        not held
        or _are_references(kind, distinct.len(), len(held))
        or _are_dates(kind, cells, suspects, held)
    ):
        return []
    rows = suspects.filter(pl.col("cell").is_in(held))[ROW_NUMBER].sort()
    return [Finding(says, place, tuple(rows.to_list()))]


def _are_references(kind: str, n_suspects: int, n_held: int) -> bool:
    """Say whether the few NHS numbers of a column are there by chance: one ten-digit number in eleven is."""
    return kind == "nhs_number" and n_suspects >= LEAST_REFERENCES and n_held < REFERENCE_SHARE * n_suspects


def _are_dates(kind: str, cells: pl.DataFrame, suspects: pl.DataFrame, held: list[str]) -> bool:
    """Say whether a column simply holds dates of events, a few of which are old."""
    if kind != "date_of_birth" or cells.height < LEAST_REFERENCES:
        return False
    n_held = suspects.filter(pl.col("cell").is_in(held)).height
    return suspects.height > 0.9 * cells.height and n_held < REFERENCE_SHARE * suspects.height


def _find_beside(
    lines: Sequence[str], kinds: list[tuple[str, str]], of_the_area: Iterable[str]
) -> list[Finding]:
    """Return the kinds of personal data in titles, totals, comments and other sheets, the columns of these included."""
    found = [says for kind, says in kinds if any(is_personal(kind, line, NO_EVENT) for line in lines)]
    rows = [line.split(CELL_END) for line in lines if CELL_END in line]
    columns = {kind for row in rows for _, kind in forbidden_columns(row, set(), of_the_area)}
    return [Finding(kind, BESIDE) for kind in (*found, *(f"a column for {c}" for c in sorted(columns)))]


def _find_in_surplus(
    surplus: dict[int, str], kinds: list[tuple[str, str]], first_date: date
) -> list[Finding]:
    return [
        Finding(says, SURPLUS, rows)
        for kind, says in kinds
        if (rows := tuple(row for row, text in surplus.items() if is_personal(kind, text, first_date)))
    ]
