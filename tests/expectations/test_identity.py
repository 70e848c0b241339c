"""Ids are not believed blindly: known events under new ids, and known ids with other events, wait for somebody."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from alerts.steps import announce_feeds
from cli.main import app
from cli.status import show_status
from expectations.events import SCHEMA, is_held, suspects
from expectations.judging import held_if_unknown, judge_delivery, with_unlikely_version
from expectations.steps import accept_held
from nte.area import Area
from nte.deliveries.inbox import arrival_at
from nte.due import read_deliveries, state_of_source
from nte.errors import MisuseError
from nte.tables.alerts import OUTBOX
from nte.tables.deliveries import ACCEPTANCES, EVENT_PRINTS
from nte.tables.records import LEDGER
from nte.warehouse import open_warehouse
from nte.words import FeedState
from tests.expectations.house import DAY, House, Row, ae_row, csv_text, emas_row, police_row
from transforms.steps import count_nights

NOW = datetime(2026, 3, 27, 9, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
ROWS = {"police": police_row, "emas": emas_row, "ae": ae_row}
KEY = {"police": "crime_ref", "emas": "incident_ref", "ae": "attendance_ref"}
TIMES = {
    "police": ["committed_from", "committed_to"],
    "emas": ["call_connect_at", "arrived_at"],
    "ae": ["assault_at", "arrival_at"],
}


def night(source: str, n_rows: int, first: int = 1, day: date = DAY) -> list[Row]:
    """Rows of the night before `day`, a few minutes apart."""
    rows = []
    for n in range(first, first + n_rows):
        row = ROWS[source](n, day)
        at = datetime(day.year, day.month, day.day) - timedelta(hours=4) + timedelta(minutes=3 * n)  # noqa: DTZ001  local
        rows.append(row | dict.fromkeys(TIMES[source], f"{at:%Y-%m-%d %H:%M:%S}"))
    return rows


def renamed(rows: list[Row], source: str, form: str) -> list[Row]:
    """The same events under other ids; a crime's occurrence too."""
    keys = [KEY[source], *(["occurrence_ref"] if source == "police" else [])]
    return [row | {key: form.format(row[key], n=n) for key in keys} for n, row in enumerate(rows)]


def take(house: House, source: str = "police", now: datetime = NOW) -> str:
    """Take what is in the inbox; return the verdict on the last of it."""
    done = house.check(source, now)
    house.conform(source)
    count_nights(house.settings, house.area, now)
    return done.checked[-1].verdict if done.checked else ""


AGAIN = [
    (source, form, change, n_rows)
    for source in ROWS
    for form in ("N{}", "{}-2026", "{n}900001")
    for change, n_rows in (({}, 3), ({"record_version": "2"}, 12), ({"last_modified_at": ""}, 40))
]


ALL = pytest.param(99, marks=pytest.mark.campaign)


@pytest.mark.parametrize("n_cases", [3, ALL])
@pytest.mark.parametrize("source", ROWS)
def test_known_events_under_new_ids_are_held_however_they_are_called(
    source: str, n_cases: int, house: House
) -> None:
    house.put_day(source, night(source, 40))
    assert take(house, source) == "accepted"
    kinds = [case[1:] for case in AGAIN if case[0] == source][:n_cases]
    for n, (form, change, n_rows) in enumerate(kinds):
        rows = [row | change for row in renamed(night(source, n_rows), source, form)]
        house.put_day(source, rows, NEXT + timedelta(days=n))
    done = house.check(source, NOW + timedelta(days=30))
    assert [c.verdict for c in done.checked] == ["held"] * len(kinds)
    assert house.conform(source) == 0
    assert "are known under other ids: events would count twice. Held in the inbox" in house.messages()


@pytest.mark.parametrize("form", ["%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S"], ids=["other format", "same format"])
def test_an_event_is_known_again_however_its_cells_are_written(form: str, house: House) -> None:
    rows = night("police", 12)
    house.put_day("police", rows)
    take(house)
    again = [
        row | {"easting": f"{row['easting']}.0", "ho_code": "8P"} for row in renamed(rows, "police", "X{}")
    ]
    for row in again:
        for name in ("committed_from", "committed_to", "reported_at", "recorded_at", "last_modified_at"):
            row[name] = datetime.fromisoformat(row[name]).strftime(form)
    police = house.area.sources["police"].model_copy(update={"time_formats": ("%Y-%m-%d %H:%M:%S", form)})
    area = house.area.model_copy(update={"sources": house.area.sources | {"police": police}})
    house.put_day("police", again, NEXT)
    assert take(House(house.settings, area)) == "held"


OTHER = [timedelta(days=n) for n in (1, 180, 2, 7, 30, 90, 365)]


@pytest.mark.parametrize("n_cases", [2, ALL])
@pytest.mark.parametrize("source", ROWS)
def test_ids_that_are_used_again_for_other_events_are_held(source: str, n_cases: int, house: House) -> None:
    house.put_day(source, night(source, 12))
    take(house, source)
    for later in OTHER[:n_cases]:
        rows = [
            row | {n: str(datetime.fromisoformat(row[n]) + later) for n in TIMES[source]}
            for row in night(source, 12)
        ]
        house.put_day(source, rows, DAY + later)
    far = NOW + max(OTHER)
    done = house.check(source, far)
    assert [c.verdict for c in done.checked] == ["held"] * len(OTHER[:n_cases])
    assert "new events would take the place of old ones" in house.messages()


def test_corrections_new_events_and_a_first_history_are_not_held(house: House) -> None:
    rows = night("police", 30)
    house.put("police_2025-01-01_2026-03-23.csv", csv_text(night("police", 30, 100)))
    house.put_day("police", rows)
    assert take(house) == "accepted"
    moved = [
        row
        | {
            "record_version": "2",
            "committed_to": "2026-03-24 23:59:00",
            "easting": "435310",
            "status": "cancelled",
        }
        for row in rows[:20]
    ]
    further_crimes = [row | {"crime_ref": f"{row['occurrence_ref']}-2"} for row in rows[:10]]
    by_chance = renamed(rows[:2], "police", "Z{}")
    house.put_day("police", [*moved, *further_crimes, *by_chance, *night("police", 20, 200)], NEXT)
    assert take(house) == "accepted"


SUFFIXED = [
    (source, n_rows, n_times) for source in ROWS for n_rows, n_times in ((2, 2), (3, 2), (11, 2), (30, 3))
]


@pytest.mark.parametrize(("source", "n_rows", "n_times"), SUFFIXED)
def test_a_file_that_has_its_events_twice_under_other_keys_is_held(
    source: str, n_rows: int, n_times: int, area: Area
) -> None:
    rows = night(source, n_rows)
    more = [row for n in range(1, n_times) for row in renamed(rows, source, "{}/" + "B" * n)]
    assert held_alone([*rows, *more], source, area) == ["events_twice"]
    assert held_alone(rows, source, area) == []


def test_several_victims_of_an_occurrence_and_a_group_that_comes_together_are_not_twice(area: Area) -> None:
    rows = night("police", 12)
    victims = [row | {"crime_ref": f"{row['crime_ref']}-2"} for row in rows]
    assert held_alone([*rows, *victims], "police", area) == []
    friends = [row | {"attendance_ref": f"F{n}"} for n, row in enumerate(night("ae", 1) * 4)]
    assert held_alone([*friends, *night("ae", 3, 50)], "ae", area) == []


def held_alone(rows: list[Row], source: str, area: Area) -> list[str]:
    """Return why a file is held though nothing came before it."""
    arrival = arrival_at(Path(f"{source}_{DAY}.csv"), area.sources[source], area)
    assert arrival is not None
    judged = judge_delivery(csv_text(rows, source).encode, None, arrival, area)
    held = held_if_unknown(judged, EVENT_PRINTS.empty())
    return [o.rule.rule for o in held.failed] if held.verdict == "held" else []


@pytest.mark.parametrize("n_rows", [2, 3])
def test_a_small_file_that_is_all_of_other_events_under_known_ids_is_held(n_rows: int) -> None:
    assert is_held(n_rows, n_rows, n_rows)
    assert is_held(n_rows, n_rows, 30) == (n_rows == 3)


@pytest.mark.parametrize(
    ("version", "highest", "is_told"),
    [("999999999", 7, True), ("999", None, False), ("20260325", 20260324, False), ("12", 1, False)],
)
def test_a_version_far_beyond_those_that_are_known_is_told(
    version: str, highest: int | None, is_told: bool, area: Area
) -> None:
    arrival = arrival_at(Path(f"police_{DAY}.csv"), area.sources["police"], area)
    assert arrival is not None
    rows = [row | {"record_version": version} for row in night("police", 12)]
    judged = with_unlikely_version(judge_delivery(csv_text(rows).encode, None, arrival, area), highest)
    assert ("version_unlikely" in {o.rule.rule for o in judged.failed}) is is_told


@pytest.mark.parametrize("source", ROWS)
@pytest.mark.parametrize("n_years", [1, 2])
def test_events_of_an_earlier_year_are_refused(source: str, n_years: int, area: Area) -> None:
    arrival = arrival_at(Path(f"{source}_{DAY}.csv"), area.sources[source], area)
    assert arrival is not None
    for n_rows in (1, 5):
        rows = [
            row | {k: f"{2026 - n_years}{row[k][4:]}" for k in TIMES[source]} for row in night(source, n_rows)
        ]
        judged = judge_delivery(csv_text(rows, source).encode, None, arrival, area)
        assert judged.verdict == "rejected"
        assert judged.failed[0].rule.rule == "events_of_an_earlier_year"
    late = [row | dict.fromkeys(TIMES[source], "2025-02-24 22:10:00") for row in night(source, 3)]
    assert judge_delivery(csv_text(late, source).encode, None, arrival, area).verdict == "accepted"


@given(
    n_new=st.integers(0, 60),
    n_again=st.integers(0, 60),
    n_old=st.integers(0, 60),
    n_moved=st.integers(0, 60),
)
@settings(max_examples=60)
def test_suspects_are_counted_as_they_were_planted(
    n_new: int, n_again: int, n_old: int, n_moved: int
) -> None:
    def frame(rows: list[tuple[str, int, int]]) -> pl.DataFrame:
        said = [(ref, ref, event, NOW + timedelta(hours=hours)) for ref, event, hours in rows]
        return pl.DataFrame(said, schema=SCHEMA, orient="row")

    before = frame([(f"a{n}", n, 0) for n in range(200)])
    events = frame(
        [(f"b{n}", 1000 + n, 0) for n in range(n_new)]
        + [(f"c{n}", n, 0) for n in range(n_again)]
        + [(f"a{n}", n, 5) for n in range(n_old)]
        + [(f"a{100 + n}", 5000 + n, 24) for n in range(n_moved)]
    )
    found = suspects(events, before)
    assert (found.n_known, found.n_new_ids) == (n_again, n_new + n_again)
    assert (found.n_moved, found.n_old_ids) == (n_moved, n_old + n_moved)
    assert is_held(found.n_known, found.n_new_ids) or n_again < 3 or n_again < 0.2 * (n_new + n_again)


@pytest.fixture
def held(house: House) -> House:
    """A house with one delivery that is held: a whole night again under other ids."""
    house.put_day("police", night("police", 12))
    take(house)
    house.put_day("police", renamed(night("police", 12), "police", "NEW{}"), NEXT)
    assert take(house) == "held"
    return house


NAME = f"police_{NEXT}.csv"


def counts(house: House) -> int:
    with open_warehouse(house.settings) as warehouse:
        return int(warehouse.read(LEDGER, "fate = 'counted'")["n_rows"].sum())


def told(house: House, now: datetime) -> list[str]:
    announce_feeds(house.settings, house.area, now)
    with open_warehouse(house.settings) as warehouse:
        rows = warehouse.read(OUTBOX, "purpose = 'feed' AND kind <> 'edit' AND message_id LIKE 'held|%'")
    return rows.sort("sequence")["message"].to_list()


def test_a_held_delivery_is_seen_in_the_terminal_in_slack_and_on_its_page(held: House) -> None:
    shown = io.StringIO()
    show_status(Console(file=shown, width=400), held.settings, held.area, NOW)
    assert f"held  {NAME}: 12 of 12 incidents with new ids" in shown.getvalue()
    (said,) = told(held, NOW)
    assert "a delivery is held" in said
    assert f"nte reject {NAME} --why" in said
    assert told(held, NOW + timedelta(hours=2)) == [said]
    (delivery_id,) = held.deliveries().filter(pl.col("file_name") == NAME)["delivery_id"]
    assert "Held: no row is used until somebody accepts it" in held.settings.delivery_page(
        delivery_id
    ).read_text("utf-8")
    with open_warehouse(held.settings) as warehouse:
        come = read_deliveries(warehouse.query, held.area, NOW)
        fates = dict(
            warehouse.read(LEDGER, "delivery_id = ?", [delivery_id]).select("fate", "n_rows").iter_rows()
        )
    assert fates == {"held": 12}
    morning = held.area.clock.morning_of(NEXT) + timedelta(hours=3)
    assert state_of_source(held.area, "police", come, morning).state is FeedState.HELD


def test_a_held_delivery_waits_and_is_judged_once(held: House) -> None:
    verdicts = held.verdicts()
    for n in range(3):
        assert take(held, now=NOW + timedelta(hours=n)) == ""
    assert held.verdicts().equals(verdicts)
    assert held.names("inbox") == [f"police/{NAME}"]


def test_an_accepted_delivery_counts_and_ops_hear_of_it_once(
    held: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts(held)
    told(held, NOW)
    monkeypatch.setenv("NTE_HOME", str(held.settings.home))
    said = CliRunner().invoke(app, ["accept", NAME, "--why", "new system", "--now", "2026-03-27T11:00"])
    assert said.exit_code == 0, said.output
    assert counts(held) == before + 12
    assert held.names("inbox") == []
    later = NOW + timedelta(hours=3)
    assert "decided about the held delivery" in told(held, later)[1]
    assert len(told(held, later + timedelta(hours=1))) == 2
    with open_warehouse(held.settings) as warehouse:
        (row,) = warehouse.read(ACCEPTANCES).rows(named=True)
    assert (row["file_name"], row["is_accepted"], row["why"]) == (NAME, True, "new system")
    assert sorted(held.verdicts().filter(pl.col("file_name") == NAME)["verdict"]) == ["accepted"]


def test_a_rejected_delivery_is_kept_and_never_counts(held: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts(held)
    monkeypatch.setenv("NTE_HOME", str(held.settings.home))
    said = CliRunner().invoke(app, ["reject", NAME, "--why", "last week again", "--now", "2026-03-27T11:00"])
    assert said.exit_code == 0, said.output
    take(held, now=NOW + timedelta(hours=3))
    assert counts(held) == before
    assert held.names("rejected") == [f"police/{NAME}"]
    assert f"{NAME}: it was rejected by hand: last week again" in held.messages()


def test_a_name_that_is_not_held_and_a_reason_that_names_a_person_are_refused(
    held: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NTE_HOME", str(held.settings.home))
    for words, says in (
        (["accept", "police_2026-01-01.csv"], f"no delivery of this name is held. Held: {NAME}."),
        (["reject", NAME, "--why", "ask j.doe@example.org"], "identifies a person"),
    ):
        said = CliRunner().invoke(app, [*words, "--now", "2026-03-27T11:00"])
        assert isinstance(said.exception, MisuseError)
        assert says in str(said.exception)
    assert CliRunner().invoke(app, ["reject", NAME]).exit_code == 2


def test_a_held_file_that_the_provider_replaces_is_judged_on_its_own(held: House) -> None:
    held.put_day("police", night("police", 12, 300), NEXT)
    assert take(held, now=NOW + timedelta(hours=1)) == "accepted"
    verdicts = dict(held.verdicts().select("delivery_id", "verdict").iter_rows())
    assert sorted(verdicts.values()) == ["accepted", "accepted", "rejected"]


def test_a_file_of_many_times_the_usual_rows_is_held_for_its_ids_and_may_be_accepted(house: House) -> None:
    before: list[Row] = []
    for n in range(12):
        day = DAY - timedelta(days=n)
        house.put_day("police", rows := night("police", 5, 1 + 5 * n, day), day)
        before += rows
    take(house)
    house.put_day("police", renamed(before, "police", "N{}"), NEXT)
    assert take(house) == "held"
    accept_held(house.settings, house.area, NAME, "", NOW)
    assert take(house) == "accepted"
    new = [police_row(5000 + n, NEXT, easting=str(430000 + n)) for n in range(200)]
    house.put_day("police", new, NEXT + timedelta(days=1))
    assert take(house, now=NOW + timedelta(days=1)) == "rejected"
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.n_rows(EVENT_PRINTS, "record_id LIKE 'OC00005%'") == 0


def test_prints_of_events_go_with_their_records_and_hold_no_cell(held: House) -> None:
    with open_warehouse(held.settings) as warehouse:
        events = warehouse.read(EVENT_PRINTS)
    assert events.height == 12
    assert "435300" not in events.write_csv()
