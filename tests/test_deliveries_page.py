"""docs/deliveries.md says what the code says: its tables are made here, from files, and held against the page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from expectations.judging import Judgement, held_if_unknown, judge_delivery, with_unlikely_version
from expectations.late_manifests import as_used
from expectations.messages import CURES, DEFAULT_CURES, explain
from expectations.rows import already_seen_row, summarise
from expectations.rules import Outcome, Severity
from expectations.volume import PastVolume
from nte.area import Area
from nte.deliveries import inbox
from nte.deliveries.inbox import Arrival, arrival_at
from nte.due import SourceState, next_action, say_unusable
from nte.refusals import REPLACED, rejected_by_ops
from nte.tables.deliveries import EVENT_PRINTS
from nte.words import DeliveryVerdict, Fault, FeedState
from tests.areas import derbyshire
from tests.expectations.forms import as_xlsx
from tests.expectations.house import COLUMNS, DAY, Row, csv_text, police_row

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "deliveries.md").read_text("utf-8")
NAME = f"police_{DAY}.csv"
ROWS = [
    police_row(n, committed_from=f"2026-03-24 22:{n:02}:00", committed_to=f"2026-03-24 22:{n:02}:30")
    for n in range(1, 31)
]
BEFORE = [(datetime(2026, 1, 1, 6, tzinfo=UTC), datetime(2026, 3, 24, 6, tzinfo=UTC))]
PAST = [PastVolume(DAY - timedelta(days=n), 30) for n in range(40, 0, -1)]


def changed(n: int = 1, **cells: str) -> list[Row]:
    return [*(row | cells for row in ROWS[:n]), *ROWS[n:]]


def again(area: Area, arrival: Arrival, first: list[Row], rows: list[Row]) -> Judgement:
    """Judge rows after others had been used."""
    before = judge_delivery(csv_text(first).encode, None, arrival, area).events
    known = before.with_columns(source=pl.lit("police"), delivery_id=pl.lit("x")).select(EVENT_PRINTS.names)
    return held_if_unknown(judge_delivery(csv_text(rows).encode, None, arrival, area), known)


@dataclass(frozen=True)
class Case:
    """A file, and what is beside it."""

    what: str
    content: str | bytes
    manifest: str | None = None
    past: bool = False


def moved(rows: list[Row]) -> list[Row]:
    times = {"committed_from": "2026-02-01 22:10:00", "committed_to": "2026-02-01 22:20:00"}
    return [row | times for row in rows]


RENAMED = [row | {"crime_ref": f"X{n}", "occurrence_ref": f"Y{n}"} for n, row in enumerate(ROWS)]
WORKBOOK = as_xlsx([COLUMNS["police"], *([row[name] for name in COLUMNS["police"]] for row in ROWS)])
MISSING = [name for name in COLUMNS["police"] if name != "ho_code"]
CASES = [
    Case("as agreed", csv_text(ROWS), '{"rows": 30}'),
    Case("a header, no rows, a manifest that says 0", csv_text([]), '{"rows": 0}'),
    Case("a header, no rows, no such manifest", csv_text([])),
    Case("zero bytes", ""),
    Case("a workbook or an archive that is damaged", b"PK\x03\x04"),
    Case("a PDF, a gzip archive", b"%PDF-1.7"),
    Case("a form that is not agreed", WORKBOOK),
    Case("text in UTF-16", csv_text(ROWS).encode("utf-16")),
    Case("a column is missing", csv_text(ROWS, columns=MISSING)),
    Case("a delimiter that is not known, or no header", csv_text(ROWS, delimiter="^")),
    Case("title lines over the header, totals under the rows", "Daily extract\n\n" + csv_text(ROWS) + "Total,30\n"),
    Case("an inch mark that is not quoted", csv_text(ROWS).replace(",street,", ',5" blade,', 2)),
    Case("capitals, spaces or a mark in the header, a `sep=` line", "sep=,\r\n" + csv_text(ROWS).replace("crime_ref", "CRIME_REF")),
    Case("other rows than the manifest says", csv_text(ROWS), '{"rows": 60}'),
    Case("far too few or too many rows for the weekday, no manifest", csv_text([police_row(n) for n in range(130)]), past=True),
    Case("unusually few or many rows", csv_text(ROWS[:9]), '{"rows": 9}', past=True),
    Case("a manifest that is no JSON", csv_text(ROWS), "rows: 30"),
    Case("a span that ends before it starts", csv_text(ROWS), '{"covers_from": "2026-03-25", "covers_to": "2026-03-24"}'),
    Case("a span of another year", csv_text(ROWS), '{"covers_from": "2025-03-24", "covers_to": "2025-03-25"}'),
    Case("a start long before the last delivery", csv_text(ROWS), '{"covers_from": "2016-03-24"}'),
    Case("an end after the file's date", csv_text(ROWS), '{"covers_to": "2026-03-27"}'),
    Case("an end before the last night's", csv_text(ROWS), '{"covers_to": "2026-03-25T00:00"}'),
    Case("dates without hours in the manifest", csv_text(ROWS), '{"covers_from": "2026-03-24", "covers_to": "2026-03-25"}'),
    Case("a name of another year than its events", csv_text([row | {k: row[k].replace("2026-", "2027-") for k in row} for row in ROWS])),
    Case("events of an earlier year than its name", csv_text([row | {k: row[k].replace("2026-", "2025-") for k in row} for row in ROWS])),
    Case("a key is empty", csv_text(changed(crime_ref=""))),
    Case("a version that is no number", csv_text(changed(record_version="a"))),
    Case("a status that is not known", csv_text(changed(status="closed"))),
    Case("a time in another format than the column's", csv_text(changed(committed_from="24/03/2026 22:10"))),
    Case("an end before its beginning", csv_text(changed(committed_to="2026-03-24 20:00:00"))),
    Case("an event later than the file can know", csv_text(changed(committed_from="2026-03-26 22:10:00", committed_to=""))),
    Case("a time of no consequence (`recorded_at`, …) after the file's morning", csv_text(changed(recorded_at="2026-03-26 22:10:00"))),
    Case("keys that a spreadsheet has rounded", csv_text(changed(30, crime_ref="2.6E+10"))),
    Case("one key for most records", csv_text(changed(20, crime_ref="C1"))),
    Case("times without hours, most at exactly midnight", csv_text(changed(25, committed_from="2026-03-24 00:00:00", committed_to=""))),
    Case("more or fewer fields than the header", csv_text(ROWS).replace(",Derby,", ",Derby,,,", 1)),
    Case("most rows at fault", csv_text(changed(20, status="closed"))),
    Case("a code that is not known", csv_text(changed(ho_code="99Z"))),
    Case("coordinates of 0, empty, swapped or far off in most rows", csv_text(changed(25, easting="0", northing="0"))),
    Case("a record twice with one version", csv_text([*ROWS, ROWS[0]])),
    Case("a column that the contract does not name", csv_text([row | {"x": "1"} for row in ROWS], columns=[*COLUMNS["police"], "x"])),
    Case("an NHS number, postcode, phone, e-mail or date of birth in a cell", csv_text(changed(district="943 476 5919"))),
    Case("a column of names, dates of birth, …", csv_text(ROWS, columns=[*COLUMNS["police"], "Surname"])),
]  # fmt: skip


def line(what: str, verdict: str, said: str, ask: str) -> str:
    cells = (what, verdict.replace("_", " "), said, ask)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def told(what: str, arrival: Arrival, judgement: Judgement) -> str:
    """Return the row of a judged file: the line that ops read, and what of it goes to the provider."""
    critical = [o for o in judgement.failed if o.rule.severity is Severity.CRITICAL]
    asks = [without_cure(o, arrival) for o in critical[:1] or judgement.failed]
    return line(what, judgement.verdict, summarise(arrival, judgement), " ".join(asks) or "nothing")


def without_cure(outcome: Outcome, arrival: Arrival) -> str:
    """Return what is wrong, without what ops do about it."""
    cure = CURES.get(outcome.rule.rule, DEFAULT_CURES[outcome.rule.severity])
    whole = explain(outcome, arrival.file_name, arrival.source).removeprefix(f"{NAME}: ")
    return whole.removesuffix(cure.format(source=arrival.source, file_name=NAME)).strip()


@pytest.fixture(scope="module")
def arrival() -> Arrival:
    found = arrival_at(Path(NAME), area_of().sources["police"], area_of())
    assert found
    return found


def area_of() -> Area:
    return derbyshire()


def judged(case: Case, arrival: Arrival, area: Area) -> Judgement:
    content = case.content.encode() if isinstance(case.content, str) else case.content
    manifest = None if case.manifest is None else case.manifest.encode()
    return judge_delivery(lambda: content, manifest, arrival, area, PAST if case.past else [], before=BEFORE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_the_page_says_what_becomes_of_a_file_and_with_which_words(case: Case, arrival: Arrival) -> None:
    row = told(case.what, arrival, judged(case, arrival, area_of()))
    assert row in PAGE, f"docs/deliveries.md should say:\n{row}"


def later(arrival: Arrival) -> str:
    area = area_of()
    used = judge_delivery(csv_text(ROWS).encode, None, arrival, area)
    refused = judge_delivery(csv_text(ROWS).encode, b'{"rows": 60}', arrival, area)
    delivery = {"covers_to_at": arrival.known_at}
    return told(
        "a manifest that comes later and says otherwise", arrival, as_used(refused, delivery, used.verdict)
    )


AFTER: dict[str, Callable[[Arrival], str]] = {
    "again": lambda a: line(
        "the same bytes again, under any name", str(DeliveryVerdict.ALREADY_SEEN),
        str(already_seen_row("x", "police_2026-03-24.csv", a, datetime(2026, 3, 25, 9, tzinfo=UTC))["summary"][0]), "nothing",
    ),
    "new ids": lambda a: told("known events under new ids", a, again(area_of(), a, ROWS, RENAMED)),
    "twice": lambda a: told("every event twice, under other ids", a, again(area_of(), a, [], [*ROWS, *RENAMED])),
    "version": lambda a: told(
        "a version far beyond those that are known", a,
        with_unlikely_version(judge_delivery(csv_text(changed(30, record_version="999999999")).encode, None, a, area_of()), 7),
    ),
    "old ids": lambda a: told("known ids for other events", a, again(area_of(), a, moved(ROWS), ROWS)),
    "by hand": lambda _: line(
        "held, and rejected by hand", "rejected", f"{NAME}: {rejected_by_ops('a test export', 'police').sentence}",
        "the reason that was given",
    ),
    "replaced": lambda _: line(
        "changed or taken away before it was used", "rejected", f"{NAME}: {REPLACED.sentence}", "nothing"
    ),
    "later": later,
}  # fmt: skip


@pytest.mark.parametrize("name", AFTER)
def test_the_page_says_what_becomes_of_a_file_by_what_came_before(name: str, arrival: Arrival) -> None:
    row = AFTER[name](arrival)
    assert row in PAGE, f"docs/deliveries.md should say:\n{row}"


LEFT = {
    "a name that fits no feed": inbox.NO_FEED,
    "` (1)`, `.txt`, `25-03-2026`, … : a name in doubt": f"{inbox.NO_FEED}: {NAME}",
    "a temporary name (`.part`, `.tmp`, …)": inbox.GROWING_BY_NAME,
    "still being written": inbox.STILL_GROWING,
    "another user's file that changes": inbox.GROWING_UNSEEN,
    "dated far ahead": inbox.AHEAD,
    "a manifest without its delivery": inbox.NO_DELIVERY,
    "no manifest yet, where the feed usually sends one": inbox.NO_MANIFEST_YET,
    "a file that this user may not read": inbox.UNREADABLE,
    "a file that this user may not remove": inbox.MUST_STAY,
}
STATES = [
    SourceState("police", FeedState.LATE),
    SourceState("police", FeedState.REFUSED),
    SourceState("police", FeedState.HELD),
    SourceState("police", FeedState.UNUSABLE),
    SourceState("police", FeedState.SHORT),
    SourceState("police", FeedState.MISNAMED, file_name="police_2026-03-25 (1).csv", rename_to=NAME),
    SourceState("police", FeedState.MISNAMED, file_name="crimes.csv"),
    SourceState("police", FeedState.WAITING, file_name=NAME),
    SourceState("police", FeedState.SILENT),
]
UNUSABLE = {
    Fault.CODES: "codes that are not known: `008N`, `8N~26`, another list",
    Fault.NOT_COUNTED: "known codes, and none of them of violence",
    Fault.FLAGS: "`flag_domestic` empty, or in words that are not agreed",
    Fault.TIMES: "times that cannot be read, or without hours",
    Fault.PLACES: "coordinates or place texts that lie in no place of the area",
    Fault.ONE_PLACE: "all in one town centre",
    Fault.ONE_POINT: "one constant in the place of coordinates or of a place's name, or coordinates rounded to kilometres",
    Fault.WITHDRAWN: "every row cancelled or marked as rung twice, and none of them known before",
    Fault.AGAIN: "an extract that was sent before, under a new date",
    Fault.OUTSIDE: "coordinates that are rounded, or off by some miles",
    Fault.HOURS: "times that have lost AM and PM",
    Fault.DEFAULT_TIMES: "a few times without hours",
    Fault.INCIDENTS: "one incident reference for all",
    Fault.ASIDE: "most rows of a night set aside",
    Fault.CUT_SHORT: "the first part of an export",
    Fault.HOLE: "an export that begins late or lacks a part, or a span that is longer than the export",
    Fault.SPARSE: "a history load that holds only a few late or old records of its first days",
}


@pytest.mark.parametrize("fault", Fault)
def test_the_page_says_what_makes_nights_unusable(fault: Fault) -> None:
    said = say_unusable({"fault": str(fault), "n_bad": 26, "n_rows": 30, "usual_share": None})
    row = f"| {UNUSABLE[fault]} | {said} |"
    assert row in PAGE, f"docs/deliveries.md should say:\n{row}"


def test_the_page_says_what_is_left_alone_what_a_feed_is_called_and_every_verdict() -> None:
    rows = [f"| {what} | {why} |" for what, why in LEFT.items()]
    police = area_of().sources["police"].model_copy(update={"contact": None})
    area = area_of().model_copy(update={"sources": {"police": police}})
    rows += [f"| {s.state.meaning} | {next_action(s, area)} |" for s in STATES]
    rows += [f"| {str(verdict).replace('_', ' ')} | {verdict.meaning} |" for verdict in DeliveryVerdict]
    assert "\n".join(row for row in rows if row not in PAGE) == ""


def test_every_row_of_the_pages_table_of_files_is_one_that_the_code_makes(arrival: Arrival) -> None:
    whats = {case.what for case in CASES} | {
        AFTER[name](arrival).split(" | ")[0].removeprefix("| ") for name in AFTER
    }
    table = [row for row in PAGE.splitlines() if row.startswith("| ") and row.count(" | ") == 3]
    assert {row.split(" | ")[0].removeprefix("| ") for row in table} - {"what arrives"} == whats
