"""Names that are nearly right are read where nobody can doubt them, and told beside what is late where one can."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.steps import announce_feeds
from expectations.judging import judge_delivery
from expectations.rows import summarise
from expectations.strays import far_ahead
from nte.area import Area
from nte.deliveries.inbox import (
    GROWING_UNSEEN,
    NO_FEED,
    Arrival,
    arrival_at,
    put_names_right,
    safe_name,
    scan_inbox,
)
from nte.deliveries.near_names import agreed_name, likely_name, mended_name
from nte.due import Deliveries, next_action, read_deliveries, state_of_source
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse
from nte.words import FeedState
from tests.expectations.house import DAY, House, csv_text, police_row
from transforms.steps import count_nights

NAME = f"police_{DAY}.csv"
NOW = datetime(2026, 3, 25, 9, tzinfo=UTC)
MENDED = [
    "police_2026-03-25.CSV", "Police_2026-03-25.csv", "POLICE_2026-03-25.CSV", "police 2026-03-25.csv",
    "police_2026-03-25.csv.csv", "police_2026-03-25.csv.CSV", "police_2026-03-25 .csv", " police_2026-03-25.csv",
    "police_2026-03-25.csv ", "police_2026-03-25.csv\n", "\ufeffpolice_2026-03-25.csv", "police\u00a02026-03-25.csv",
    "police_ 2026-03-25.csv", "police  2026-03-25.csv", "\u200bpolice_2026-03-25.csv", "police\u202f2026-03-25.Csv",
    "police_２０２６-03-25.csv",
]  # fmt: skip
MANIFESTS = [
    "police_2026-03-25.JSON", "Police_2026-03-25.json", "police_2026-03-25.csv.json", "police_2026-03-25.json.json",
    "police 2026-03-25.Json", "POLICE_2026-03-25.CSV.JSON", "police_2026-03-25 (1).json", "police_2026-03-25 - Copy.json",
    "\ufeffpolice_2026-03-25.json", "police_2026-03-25(2).JSON",
]  # fmt: skip
TOLD = [
    "police_2026-03-25 (1).csv", "police_2026-03-25(2).csv", "police_2026-03-25 - Copy.csv", "police_2026-03-25.txt",
    "police_2026-03-25.csv.txt", "police-2026-03-25.csv", "police_20260325.csv", "police_25-03-2026.csv",
    "police_25.03.2026.csv", "police2026-03-25.csv", "2026-03-25.csv", "police_2026-03-25_final.csv",
    "Copy of police_2026-03-25.csv", "polcie_2026-03-25.csv", "police_2026-03-25.xlsx", "police_2026-03-25.csv.gz",
    "police_2026_03_25.csv", "police_2026.03.25.csv", "derbyshire police 2026-03-25.csv", "police_2026-03-25-v2.csv",
    "police_2026-03-25.csv.pgp", "police_2026-03-25", "[red]police_2026-03-25.csv", "crime_2026-03-25_.csv",
]  # fmt: skip
NO_ONES = [
    "notes.csv", "police.csv", "police_2026-13-25.csv", "police_2026-02-30.csv", "police_05-03-2026.csv",
    "police_2026-03-25_2026-03-20.csv", "police_2026-03-25_2026-03-26_2026-03-27.csv", "0000-00-00.csv", "", "_",
]  # fmt: skip


@pytest.mark.parametrize("name", MENDED)
def test_a_name_without_doubt_is_mended(name: str, area: Area) -> None:
    assert mended_name(name, area.sources["police"]) == NAME


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_is_never_missed_for_its_name(name: str, area: Area) -> None:
    assert mended_name(name, area.sources["police"]) == f"police_{DAY}.json"


@pytest.mark.parametrize("name", TOLD)
def test_a_name_in_doubt_is_not_mended_and_what_was_meant_is_told(name: str, area: Area) -> None:
    assert mended_name(name, area.sources["police"]) is None
    assert likely_name(name, area.sources["police"]) == NAME


@pytest.mark.parametrize("name", NO_ONES)
def test_a_name_that_speaks_of_no_day_is_not_guessed(name: str, area: Area) -> None:
    assert mended_name(name, area.sources["police"]) is None
    assert likely_name(name, area.sources["police"]) is None


@given(
    day=st.dates(date(2001, 1, 1), date(2199, 12, 31)),
    case=st.sampled_from([str.upper, str.title, str.lower]),
)
@settings(max_examples=30)
def test_the_agreed_name_is_recognised_and_mended_in_any_case(day: date, case: object, area: Area) -> None:
    for source in area.sources.values():
        agreed = agreed_name(source, day)
        assert agreed == f"{source.source}_{day}.csv"
        assert mended_name(agreed, source) is None
        written = case(agreed)  # type: ignore[operator]
        assert written == agreed or mended_name(written, source) == agreed
        assert (
            agreed_name(source, day, day + timedelta(days=9))
            == f"{source.source}_{day}_{day + timedelta(days=9)}.csv"
        )


def test_an_area_may_name_its_files_otherwise(area: Area) -> None:
    source = area.sources["police"].model_copy(
        update={"daily_pattern": r"NYPD\.(?P<date>\d{2}(?:\d{2})\d{4})\.CSV", "date_format": "%d%m%Y"}
    )
    assert agreed_name(source, DAY) == "NYPD.25032026.CSV"
    assert mended_name("nypd.25032026.csv", source) == "NYPD.25032026.CSV"
    unclear = source.model_copy(update={"daily_pattern": r".*(?P<date>\d{8}).*"})
    assert agreed_name(unclear, DAY) is None


def test_half_a_file_is_not_accepted_because_its_manifest_is_in_capitals(house: House) -> None:
    """The manifest is read under its right name, and a delivery in capitals too."""
    path = house.put_day("police", [police_row(n) for n in range(1, 60)], n_rows=109)
    path.with_suffix(".json").rename(path.with_suffix(".JSON"))
    done = house.check("police", NOW)
    assert [c.verdict for c in done.checked] == ["rejected"]
    assert "59 rows, its manifest says 109: cut short or doubled" in done.checked[0].summary
    assert done.for_people()["renamed"] == [
        f"police_{DAY}.JSON: read as police_{DAY}.json; ask the provider (crime data team, Derbyshire Constabulary) to "
        "name it so"
    ]
    path = house.put(NAME, csv_text([police_row()]))
    path.rename(path.with_suffix(".CSV"))
    assert house.check_one().summary == f"{NAME}: 1 row used."
    assert house.conform() == 1
    assert house.names("inbox") == []


def test_of_two_files_for_one_name_and_beside_the_right_one_none_is_renamed(house: House) -> None:
    folder = house.put_day("police", [police_row()]).parent
    for name in (f"police_{DAY}.CSV", "police_2026-03-20.CSV", "Police_2026-03-20.csv"):
        (folder / name).write_text("x")
    assert put_names_right(house.settings.inbox_folder, house.area.sources["police"], house.area) == []
    left = scan_inbox(house.settings.inbox_folder, house.area, NOW).left_alone
    assert {one.path.name: one.why for one in left} == {
        f"police_{DAY}.CSV": f"{NO_FEED}: {NAME}",
        "police_2026-03-20.CSV": f"{NO_FEED}: police_2026-03-20.csv",
        "Police_2026-03-20.csv": f"{NO_FEED}: police_2026-03-20.csv",
    }


def late(house: House, name: str, folder: str = "police") -> tuple[FeedState, str]:
    """Let the night before DAY be late while a file of this name lies in the inbox; return the state and what to do."""
    before = DAY - timedelta(days=1)
    if not house.names("lake"):
        house.put_day("police", [police_row(1, before)], before)
    path = house.settings.inbox_folder / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("crime_ref")
    house.check("police", NOW)
    house.conform()
    count_nights(house.settings, house.area, NOW)
    with open_warehouse(house.settings) as warehouse:
        come = read_deliveries(warehouse.query, house.area, NOW)
    path.unlink()
    state = state_of_source(house.area, "police", come, NOW)
    return state.state, next_action(state, house.area)


def test_a_file_under_a_wrong_name_is_told_beside_the_delivery_that_is_late(house: House) -> None:
    told = [(name, "police", name) for name in ("police_2026-03-25 (1).csv", "police_2026-03-25.txt")]
    told += [("police_2027-03-25.csv", "police", "police_2027-03-25.csv"), (NAME, ".", NAME)]
    told += [(NAME, "polizei", "")]
    for name, folder, said in told:
        state, action = late(house, name, folder)
        if said:
            assert (state, action) == (
                FeedState.MISNAMED,
                f"{said} lies in the inbox: rename it to {NAME} if it is the one."
            ) if folder == "police" else state is FeedState.MISNAMED  # fmt: skip
        else:
            assert state is FeedState.LATE
    assert late(house, "police_2026-03-20 (1).csv") == (
        FeedState.MISNAMED,
        "Ask the provider (crime data team, Derbyshire Constabulary) to name police_2026-03-20 (1).csv as agreed; it is "
        "taken as soon as it is.",
    )
    assert late(house, "police_2027-01-01.csv")[0] is FeedState.WAITING


SHOWN = [
    ("police_2026-03-25 (1).csv", None), ("police_2026-03-25 2.csv", None), ("police_20260325 12.csv", None),
    ("25-03-2026 2.csv", None), ("police_2026-03-20_2026-03-23.csv", None), ("crimes.csv", None),
    ("police_943 476 5919.csv", "police__.csv"), ("9434765919_2026-03-25.csv", "_.csv"),
    ("police jo.bloggs@nhs.net.csv", "police _.csv"), ("07700900123.csv", "_.csv"), ("DE1 3AF.csv", "_.csv"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shown"), SHOWN)
def test_a_name_is_shown_without_what_may_be_a_persons_number_or_address(
    name: str, shown: str | None
) -> None:
    assert safe_name(name) == (shown or name)


ASTRAY = [
    # source, folder, name, what is to be done
    ("police", "", NAME, f"{NAME} lies in the inbox itself: move it to police/ if it is the one."),
    ("police", "", "Police_2026-03-25 (1).csv", f"Police_2026-03-25 (1).csv lies in the inbox itself: move it to police/ as {NAME} if it is the one."),
    ("emas", "ae", "emas_2026-03-25.csv", "emas_2026-03-25.csv lies in the folder ae/: move it to emas/ if it is the one."),
    ("ae", "ae", "emas_2026-03-25.csv", None),
    ("police", "", "Police", "The folder Police in the inbox is no feed's: put its files into police/."),
    ("ae", "", "A_E", "The folder A_E in the inbox is no feed's: put its files into ae/."),
    ("emas", "", "A_E", None),
    ("police", "", "archive", None),
]  # fmt: skip


@pytest.mark.parametrize(("source", "folder", "name", "said"), ASTRAY)
def test_a_file_in_the_wrong_place_is_to_be_moved_beside_the_source_that_it_names(
    source: str, folder: str, name: str, said: str | None, area: Area
) -> None:
    covered = frozenset((source, DAY - timedelta(days=n)) for n in range(2, 20))
    come = Deliveries((), covered, ({"source": folder, "name": name, "why": f"{NO_FEED}: x"},))
    state = state_of_source(area, source, come, NOW)
    if said is None:
        assert state.state is FeedState.LATE
    else:
        assert (state.state, next_action(state, area)) == (FeedState.MISNAMED, said)


def said_to_ops(house: House, now: datetime) -> list[str]:
    announce_feeds(house.settings, house.area, now)
    with open_warehouse(house.settings) as warehouse:
        return warehouse.read(OUTBOX, "purpose = 'feed'").sort("sequence")["message"].to_list()


def test_a_file_that_comes_under_a_wrong_name_after_its_delivery_was_called_late_is_told_at_once(
    house: House,
) -> None:
    before = DAY - timedelta(days=1)
    house.put_day("police", [police_row(1, before)], before)
    house.check("police", NOW)
    house.conform()
    count_nights(house.settings, house.area, NOW)
    first = said_to_ops(house, NOW)
    assert sum("the delivery is late" in text for text in first) == 1
    path = house.put("police_2026-03-25 (1).csv", csv_text([police_row(2)]))
    house.check("police", NOW)
    (said,) = said_to_ops(house, NOW)[len(first) :]
    assert "police_2026-03-25 (1).csv lies in the inbox: rename it to police_2026-03-25.csv" in said
    assert len(said_to_ops(house, NOW)) == len(first) + 1
    path.rename(path.with_name(NAME))
    assert house.check("police", NOW).checked[0].verdict == "accepted"


@pytest.mark.parametrize(
    ("named", "day"),
    [
        (date(2025, 1, 2), date(2026, 1, 2)),
        (date(2024, 2, 29), date(2026, 3, 1)),
        (date(2016, 3, 25), DAY),
        (date(2025, 3, 25), DAY),
    ],
)
@pytest.mark.parametrize("n_rows", [1, 4])
def test_a_file_of_another_year_is_refused_with_the_name_that_was_meant(
    named: date, day: date, n_rows: int, area: Area
) -> None:
    arrival = arrival_at(Path(f"police_{named}.csv"), area.sources["police"], area)
    assert arrival
    content = csv_text([police_row(n, day) for n in range(n_rows)])
    judged = judge_delivery(content.encode, None, arrival, area)
    assert judged.verdict == "rejected"
    assert summarise(arrival, judged) == (
        f"police_{named}.csv: its name is of {named.year}, and its events are of {day.year}: it seems to be "
        f"police_{day}.csv. Kept in rejected/police; rename it and put it into the inbox again, or ask the provider to."
    )


def test_a_file_of_another_year_stands_beside_the_delivery_that_is_late(house: House) -> None:
    house.put_day("police", [police_row(n) for n in range(4)], date(2025, 3, 25))
    house.check("police", NOW)
    with open_warehouse(house.settings) as warehouse:
        come = read_deliveries(warehouse.query, house.area, NOW)
    state = state_of_source(house.area, "police", come, NOW)
    assert state.state is FeedState.REFUSED
    assert state.refused
    assert "it seems to be police_2026-03-25.csv" in state.refused["summary"]
    assert any("it seems to be police_2026-03-25.csv" in text for text in said_to_ops(house, NOW))


def test_old_events_among_the_new_do_not_make_a_file_one_of_another_year(house: House) -> None:
    rows = [police_row(n, committed_from="2027-03-24 22:00:00", committed_to="") for n in range(2)]
    house.put_day("police", [*rows, *(police_row(n) for n in range(2, 9))])
    assert house.check_one().verdict == "accepted_with_quarantine"


def far(area: Area, *days: int) -> list[int]:
    """Return which of the files, so many days ahead, are named as dated too far ahead."""
    source = area.sources["police"]
    known = [arrival_at(Path(f"police_{DAY + timedelta(days=n)}.csv"), source, area) for n in days]
    later = [one for one in known if isinstance(one, Arrival)]
    return [(one.last_date - DAY).days for one in far_ahead(later, NOW)]


def test_what_is_dated_ahead_of_a_gap_is_named_and_the_next_days_of_a_backlog_are_not(area: Area) -> None:
    assert far(area, 1, 2, 3, 10) == []
    assert far(area, 1, 2, 365) == [365]
    assert far(area, 300, 301) == [300, 301]
    assert len(far(area, *range(30, 90))) == 20
    assert far(area) == []


WRITER = "import sys, time\nwith open(sys.argv[1], 'a') as f:\n    while True: f.write('x'); f.flush(); time.sleep(0.01)"
ANOTHER_USER = """
import os, sys
from pathlib import Path
from nte.deliveries import inbox
inbox.FOREIGN_STILL_SECONDS = 0.5
os.setuid(65534)
print(list(inbox._growing([Path(sys.argv[1])]).values()))
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_another_users_file_is_taken_when_it_has_stood_still(open_folder: Path) -> None:
    """Whether somebody has it open cannot be told by a user who does not own it."""

    def growing() -> str:
        command = [sys.executable, "-c", ANOTHER_USER, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    path = open_folder / NAME
    path.write_text("x")
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
    try:
        while path.stat().st_size < len(NAME):
            time.sleep(0.01)
        assert growing() == str([GROWING_UNSEEN])
    finally:
        writer.kill()
        writer.wait()
    assert growing() == "[]"
