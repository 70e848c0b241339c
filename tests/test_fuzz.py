"""Files in any order, any split, any repetition give the same counts; no file at all brings the service down."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNTS
from nte.tables.records import LEDGER
from nte.warehouse import open_warehouse
from tests.areas import derbyshire
from tests.expectations.house import DAY, House, Row, csv_text, police_row
from transforms.steps import count_nights

NOW = datetime(2026, 3, 27, 12, tzinfo=UTC)
MORNINGS = [DAY + timedelta(days=n) for n in range(3)]
N_FILES = 3
"""Into so many files the rows of a morning may be split."""


def crime(number: int, day: date, **cells: str) -> Row:
    return police_row(number, DAY, **cells) | {"recorded_at": f"{day - timedelta(days=1)} 23:30:00"}


BROUGHT: list[tuple[date, Row]] = [
    # two crimes of one occurrence, corrected, withdrawn, taken back, moved, and versions out of their order
    *((MORNINGS[0], crime(n, MORNINGS[0])) for n in range(1, 5)),
    (MORNINGS[0], crime(5, MORNINGS[0], occurrence_ref="OCC1", ho_code="5D")),
    (MORNINGS[0], crime(6, MORNINGS[0], record_version="3", status="cancelled")),
    (MORNINGS[1], crime(6, MORNINGS[1], record_version="2", status="recorded")),
    (MORNINGS[1], crime(1, MORNINGS[1], record_version="2", status="cancelled")),
    (MORNINGS[1], crime(2, MORNINGS[1], record_version="2", easting="438305", northing="371172")),
    (MORNINGS[1], crime(7, MORNINGS[1], ho_code="104")),
    (MORNINGS[2], crime(1, MORNINGS[2], record_version="3", status="reclassified", ho_code="8N/20")),
    (MORNINGS[2], crime(3, MORNINGS[2], record_version="2", committed_from="2026-03-23 22:00:00",
                        committed_to="2026-03-23 22:00:00")),
    (MORNINGS[2], crime(8, MORNINGS[2], easting="0", northing="0")),
]  # fmt: skip


def name_of(day: date, part: int) -> str:
    """A name under which a file is known on the morning of `day`."""
    if part == 0:
        return f"police_{day}.csv"
    return f"police_{day - timedelta(days=part)}_{day - timedelta(days=1)}.csv"


QUIET = {f"police_{DAY - timedelta(days=10)}_{DAY - timedelta(days=2)}.csv": csv_text([])}
"""The days before, so that a file that speaks of some of them covers nothing new."""


def files_of(parts: list[int], repeated: list[int]) -> dict[str, str]:
    """The deliveries when row i stands in file `parts[i]` of its morning, and in the next one too if repeated."""
    files: dict[str, list[Row]] = {name_of(day, 0): [] for day in MORNINGS}
    for i, ((day, row), part) in enumerate(zip(BROUGHT, parts, strict=True)):
        for chosen in {part, (part + 1) % N_FILES} if i in repeated else {part}:
            files.setdefault(name_of(day, chosen), []).append(row)
    return {name: csv_text(rows) for name, rows in files.items()}


@contextmanager
def empty_house() -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        yield House(Settings(home=home, inbox=home / "inbox"), derbyshire())


def put(house: House, name: str, content: str | bytes, n_rows: int | None = None) -> None:
    """Write a file that has stood there for a while."""
    os.utime(house.put(name, content, n_rows=n_rows), (0, 0))


def take(house: House, files: dict[str, str]) -> None:
    for name, text in files.items():
        put(house, name, text, text.count("\n") - 1)
    house.check(now=NOW)
    house.conform()


def counted(house: House) -> pl.DataFrame:
    """The counts as known now; since when depends on whether a load speaks of nights that were known already."""
    count_nights(house.settings, house.area, NOW)
    with open_warehouse(house.settings) as warehouse:
        return warehouse.read(NIGHT_COUNTS).drop("known_at").sort(NIGHT_COUNTS.keys)


@cache
def straight() -> pl.DataFrame:
    """What one file a morning, in order, leaves."""
    with empty_house() as house:
        take(house, QUIET | files_of([0] * len(BROUGHT), []))
        return counted(house)


@example_settings(
    max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(
    parts=st.lists(st.integers(0, N_FILES - 1), min_size=len(BROUGHT), max_size=len(BROUGHT)),
    repeated=st.lists(st.integers(0, len(BROUGHT) - 1), max_size=4),
    data=st.data(),
)
def test_any_order_any_split_and_any_repetition_give_the_same_counts(
    parts: list[int], repeated: list[int], data: st.DataObject
) -> None:
    files = files_of(parts, repeated)
    order = data.draw(st.permutations(sorted(QUIET | files)))
    cut = data.draw(st.integers(0, len(order)))
    again = data.draw(st.sampled_from(order))
    with empty_house() as house:
        for names in (order[:cut], order[cut:], [again]):
            take(house, {name: (QUIET | files)[name] for name in names})
        assert counted(house).equals(straight())


WHOLE = csv_text([row for _, row in BROUGHT[:6]]).encode()
PLACES = st.floats(0, 1, exclude_max=True)
MUTATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), PLACES, st.one_of(st.integers(0, 255), st.sampled_from(b',;"\n\r\t\x00|')))
        | st.tuples(st.just("cut"), PLACES, st.just(0))
        | st.tuples(st.just("double"), PLACES, st.just(0))
        | st.tuples(st.just("stop"), PLACES, st.just(0)),
    ),
    min_size=1,
    max_size=5,
)


def mutated(mutations: list[tuple[str, float, int]]) -> bytes:
    content = WHOLE
    for kind, place, byte in mutations:
        at, lines = int(place * len(content)), content.split(b"\n")
        line = int(place * len(lines))
        match kind:
            case "flip":
                content = content[:at] + bytes([byte]) + content[at + 1 :]
            case "cut":
                content = b"\n".join(lines[:line] + lines[line + 1 :])
            case "double":
                content = b"\n".join([*lines[: line + 1], *lines[line:]])
            case _:
                content = content[:at]
    return content


def n_rows_by_eye(content: bytes) -> int | None:
    """Lines under the header; None where quotation marks or stray line ends make that no count of rows."""
    if b'"' in content or b"\r" in content:
        return None
    lines = content.removeprefix(b"\xef\xbb\xbf").lstrip(b"\n ").split(b"\n")
    return sum(bool(line.strip()) for line in lines[1:])


@example_settings(
    max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(mutations=MUTATIONS)
def test_a_mutated_file_never_brings_the_service_down_and_every_row_has_one_fate(
    mutations: list[tuple[str, float, int]],
) -> None:
    content = mutated(mutations)
    with empty_house() as house:
        put(house, f"police_{DAY}.csv", content)
        house.check(now=NOW)
        house.conform()
        counted(house)
        verdict = house.verdicts().filter(pl.col("file_name") == f"police_{DAY}.csv").row(0, named=True)
        with open_warehouse(house.settings) as warehouse:
            fates = warehouse.read(LEDGER, "delivery_id = ?", [verdict["delivery_id"]])
        assert fates["n_rows"].sum() == (verdict["n_rows"] or 0)
        if verdict["n_rows"] is not None and (by_eye := n_rows_by_eye(content)) is not None:
            assert verdict["n_rows"] == by_eye
        assert house.names("inbox") == []
        places = {"rejected": "rejected/police"}.get(verdict["verdict"], "accepted/police")
        assert house.names(places) != []
