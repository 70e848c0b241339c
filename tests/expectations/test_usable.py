"""Accepted means usable: from a well-formed file that says nothing of its night to what ops hear, and back."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from alerts.steps import announce_feeds
from alerts.words.doubted import counts_without_doubted, without_doubted
from alerts.words.other_nights import OtherNights
from cli.held import accept
from expectations.rules import ROUNDED_FORM
from expectations.steps import retry_quarantine
from nte.due import next_action, read_deliveries, say_unusable, state_of_source
from nte.errors import MisuseError
from nte.few_nights import doubted_nights, is_far_below, nights_of_area
from nte.tables.alerts import OUTBOX
from nte.tables.counts import NIGHT_COUNTS
from nte.tables.deliveries import UNUSABLE_NIGHTS, USABILITY
from nte.warehouse import open_warehouse
from nte.words import Fault, FeedState, WhyUnknown
from tests.expectations.house import DAY, House, Row, ae_row, csv_text, emas_row, police_row
from transforms.steps import conform_deliveries, count_nights

EVENING = DAY - timedelta(days=1)
NOW = datetime(2026, 3, 25, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


def crimes(n_rows: int = 30, day: date = DAY, **cells: str) -> list[Row]:
    """Crimes of the night before, some minutes and metres apart."""
    evening = datetime(day.year, day.month, day.day) - timedelta(hours=4)  # noqa: DTZ001  local
    at = [evening + timedelta(minutes=17 * n) for n in range(n_rows)]
    return [
        police_row(n, day, easting=f"{432_000 + 190 * n}")
        | dict.fromkeys(("committed_from", "committed_to"), f"{when:%Y-%m-%d %H:%M:%S}")
        | cells
        for n, when in enumerate(at)
    ]


def history() -> list[Row]:
    """Four hundred crimes of the days before."""
    ends = datetime(DAY.year, DAY.month, DAY.day, 5) - timedelta(days=1)  # noqa: DTZ001  local
    at = [f"{ends - timedelta(minutes=13 * n):%Y-%m-%d %H:%M:%S}" for n in range(400)]
    return [
        police_row(1000 + n, DAY)
        | dict.fromkeys(("committed_from", "committed_to"), when)
        | {"northing": f"{330_000 + 31 * n}"}
        for n, when in enumerate(at)
    ]


def fortnight() -> list[Row]:
    """Twenty crimes of each of the last fourteen nights, and one late record of every third night before."""
    many = [crimes(20, DAY - timedelta(days=back)) for back in range(14)]
    rows = [row for of_night in many for row in of_night]
    rows += [row for back in range(14, 30, 3) for row in crimes(1, DAY - timedelta(days=back))]
    keys = ("crime_ref", "occurrence_ref")
    return [row | dict.fromkeys(keys, f"OC9{n:07d}") for n, row in enumerate(rows)]


def nights_known(house: House) -> list[date]:
    """Return the evenings that are covered."""
    with open_warehouse(house.settings) as warehouse:
        known = warehouse.read(NIGHT_COUNTS, "is_covered AND definition = 'nte-violence'")
    return sorted(known["evening"].unique())


def take(house: House, source: str = "police", now: datetime = NOW) -> int | None:
    """Take what is in the inbox; return the count of the whole area on the night, None where it is not known."""
    house.check(source, now)
    house.conform(source)
    count_nights(house.settings, house.area, now)
    with open_warehouse(house.settings) as warehouse:
        night = warehouse.read(
            NIGHT_COUNTS, "source = ? AND evening = ? AND definition = 'nte-violence'", [source, EVENING]
        )
    known = night.filter("is_covered")["n_incidents"]
    return int(known.sum()) if known.len() else None


def told(house: House, now: datetime) -> list[str]:
    """Return what ops have been told of feeds so far."""
    announce_feeds(house.settings, house.area, now)
    with open_warehouse(house.settings) as warehouse:
        outbox = warehouse.read(OUTBOX, "purpose = 'feed' AND kind <> 'edit'").sort("sequence")
    return [text for text in outbox["message"] if "Constabulary" in text]


def next_step(house: House, now: datetime) -> str:
    with open_warehouse(house.settings) as warehouse:
        come = read_deliveries(warehouse.query, house.area, now)
    return next_action(state_of_source(house.area, "police", come, now), house.area)


def state(house: House, now: datetime) -> FeedState:
    with open_warehouse(house.settings) as warehouse:
        come = read_deliveries(warehouse.query, house.area, now)
    return state_of_source(house.area, "police", come, now).state


def test_unknown_codes_make_the_night_unknown_and_a_good_file_makes_it_known_again(house: House) -> None:
    house.put_day("police", crimes(ho_code="008N"))
    assert take(house) is None
    assert house.verdicts()["verdict"].to_list() == ["accepted"]
    assert state(house, NOW) is FeedState.UNUSABLE
    assert "30 of 30 rows have a code" in next_step(house, NOW)
    (said,) = told(house, NOW)
    assert "a delivery is here and cannot be used" in said
    assert "30 of 30 rows have a code that the area file does not know" in said
    assert "not known, not quiet" in said
    assert told(house, NOW) == [said]
    house.put_day("police", crimes())
    assert take(house, now=LATER) == 30
    assert state(house, LATER) is FeedState.HERE
    assert len(told(house, LATER)) == 2
    assert "mended" in told(house, LATER)[1]


def test_a_manifest_that_comes_later_and_claims_nights_without_rows_does_not_make_them_quiet(
    house: House,
) -> None:
    days = [DAY - timedelta(days=n) for n in (*range(12, 2, -1), 0)]
    for place, day in enumerate(days):
        refs = [dict.fromkeys(("crime_ref", "occurrence_ref"), f"{place}-{n}") for n in range(30)]
        rows = [row | own for row, own in zip(crimes(day=day), refs, strict=True)]
        house.put_day("police", rows, day, n_rows=30)
    assert take(house) == 30
    claims = {"feed": "police", "rows": 30, "covers_from": f"{days[-2]}T06:00", "covers_to": f"{DAY}T06:00"}
    (house.settings.inbox_folder / "police" / f"police_{DAY}.json").write_text(json.dumps(claims))
    assert take(house, now=LATER) == 30
    with open_warehouse(house.settings) as warehouse:
        unusable = warehouse.read(UNUSABLE_NIGHTS).select("evening", "fault").rows()
        known = warehouse.read(NIGHT_COUNTS, "is_covered AND evening > ?", [days[-2] - timedelta(days=1)])
    assert unusable == [(days[-2], "hole"), (days[-2] + timedelta(days=1), "hole")]
    assert set(known["evening"]) == {EVENING}
    assert take(house, now=LATER) == 30


def test_rows_that_arrive_withdrawn_are_no_quiet_night_and_a_correction_that_withdraws_them_is(
    house: House,
) -> None:
    house.put_day("police", crimes(status="cancelled"))
    assert take(house) is None
    assert "30 of 30 rows were withdrawn before they were ever known" in next_step(house, NOW)
    house.put_day("police", crimes())
    assert take(house, now=LATER) == 30
    house.put_day("police", [row | {"flag_alcohol": "N"} for row in crimes(status="cancelled")])
    assert take(house, now=LATER) == 0


def test_an_extract_that_came_before_is_no_quiet_night_under_a_new_date(house: House) -> None:
    before = DAY - timedelta(days=1)
    rows = [ae_row(n, before, assault_at=f"2026-03-23 22:{n:02}:00") for n in range(4)]
    house.put_day("ae", rows, before)
    assert take(house, "ae", NOW - timedelta(days=1)) is None
    house.put_day("ae", [row | {"last_modified_at": f"{DAY} 03:00:00"} for row in rows])
    assert take(house, "ae") is None
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.read(UNUSABLE_NIGHTS)["fault"].to_list() == ["again"]


def test_a_file_that_a_later_one_has_mended_is_not_accepted_any_more(house: House) -> None:
    house.put_day("police", crimes(ho_code="008N"))
    assert take(house) is None
    house.put_day("police", crimes())
    assert take(house, now=LATER) == 30
    with pytest.raises(MisuseError, match=rf"already mended by a later delivery \(police_{DAY}.csv\)"):
        accept(Console(quiet=True), house.settings, house.area, f"police_{DAY}.csv", why="", now=LATER)
    assert take(house, now=LATER) == 30


def test_what_was_known_of_the_night_before_it_was_mended_stays_as_it_was(house: House) -> None:
    house.put_day("police", crimes(ho_code="8N~26"))
    assert take(house) is None
    thursday, later = DAY + timedelta(days=1), NOW + timedelta(days=1)
    house.put(f"police_{thursday}.csv", csv_text(crimes()), n_rows=30, covers_from=f"{EVENING}T06:00")
    assert take(house, now=later) == 30
    with open_warehouse(house.settings) as warehouse:
        come = read_deliveries(warehouse.query, house.area, NOW)
        values = warehouse.query(
            "SELECT known_at, bool_or(is_covered) AS is_covered FROM night_count_revisions WHERE evening = ? "
            "GROUP BY ALL ORDER BY ALL",
            [EVENING],
        )
    assert values["is_covered"].to_list() == [False, True]
    assert [row["fault"] for row in come.unusable] == ["codes"]


@pytest.mark.parametrize("cells", [{"ho_code": "008N"}, {"occurrence_ref": "X"}])
def test_a_file_that_cannot_be_used_does_not_change_what_was_known(house: House, cells: Row) -> None:
    house.put("police_2026-03-20_2026-03-23.csv", csv_text(history()))
    house.put_day("police", crimes())
    assert take(house) == 30
    assert told(house, NOW) == []
    house.put_day("police", [row | {"record_version": "2"} | cells for row in crimes()])
    assert take(house, now=LATER) == 30
    (said,) = told(house, LATER)
    assert "cannot be used" in said
    assert "is known from other deliveries" in said
    assert told(house, LATER) == [said]
    house.put_day("police", crimes(20, record_version="3"))
    assert take(house, now=LATER + timedelta(hours=1)) == 30
    assert "mended" in told(house, LATER + timedelta(hours=1))[-1]


def test_somebody_may_say_that_such_a_file_is_right(house: House) -> None:
    house.put_day("police", crimes(ho_code="8L"))
    house.put("police_2026-03-20_2026-03-23.csv", csv_text(history()))
    assert take(house) is None
    console = Console(record=True, width=200)
    accept(console, house.settings, house.area, f"police_{DAY}.csv", why="a march", now=LATER)
    assert (
        f"police_{DAY}.csv, which came at 09:00 on Wednesday 25 March, is accepted" in console.export_text()
    )
    assert take(house, now=LATER) == 0
    with open_warehouse(house.settings) as warehouse:
        (row,) = warehouse.read(UNUSABLE_NIGHTS).rows(named=True)
        teaches = warehouse.read(USABILITY, "delivery_id = ?", [row["delivery_id"]])["is_teaching"]
    assert (row["fault"], row["usable_at"]) == ("not_counted", LATER)
    assert teaches.all()


def test_rows_released_by_a_corrected_area_file_make_the_night_usable_from_then(house: House) -> None:
    rows = crimes(10) + [row | {"status": "filed"} for row in crimes(14)[10:]]
    house.put_day("police", rows)
    assert take(house) is None
    police = house.area.sources["police"]
    states = police.model_copy(update={"live_states": (*police.live_states, "filed")})
    house.area = house.area.model_copy(update={"sources": house.area.sources | {"police": states}})
    assert retry_quarantine(house.settings, house.area, "police", LATER).n_released == 4
    conform_deliveries(house.settings, house.area, "police")
    assert take(house, now=LATER) == 14
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.read(UNUSABLE_NIGHTS)["usable_at"].to_list() == [LATER]


FORTNIGHT = [EVENING - timedelta(days=back) for back in reversed(range(14))]
WIDE = f"police_{DAY - timedelta(days=30)}_{EVENING}.csv"


def test_the_first_days_of_a_history_load_that_are_nearly_empty_are_not_known(house: House) -> None:
    house.put(WIDE, csv_text(fortnight()))
    assert take(house) == 20
    assert nights_known(house) == FORTNIGHT
    with open_warehouse(house.settings) as warehouse:
        first = warehouse.read(UNUSABLE_NIGHTS).sort("evening").row(0, named=True)
        known_before = warehouse.read(USABILITY)
    assert (
        say_unusable(first) == "its first days are nearly empty: 1 row of this one, where about 20 are usual"
    )
    assert take(house, now=LATER) == 20
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.read(USABILITY).equals(known_before)


def test_a_home_that_took_them_for_quiet_nights_finds_them_with_its_next_delivery(house: House) -> None:
    house.put(WIDE, csv_text(fortnight()))
    take(house)
    with open_warehouse(house.settings) as warehouse:
        warehouse.remove(USABILITY, "fault = ?", [Fault.SPARSE])
        warehouse.remove(UNUSABLE_NIGHTS, "fault = ?", [Fault.SPARSE])
    house.put_day("police", crimes(21, DAY + timedelta(days=1)), DAY + timedelta(days=1))
    take(house, now=NOW + timedelta(days=1))
    assert nights_known(house) == [*FORTNIGHT, DAY]


def test_the_same_bytes_under_a_name_that_claims_more_are_taken_and_count_once(house: House) -> None:
    content = csv_text(fortnight())
    house.put(f"police_{DAY}.csv", content)
    assert take(house) == 20
    assert nights_known(house) == [EVENING]
    house.put(f"police_{FORTNIGHT[0]}_{EVENING}.csv", content)
    assert take(house, now=LATER) == 20
    assert nights_known(house) == FORTNIGHT
    house.put(f"police_{FORTNIGHT[3]}_{EVENING}.csv", content)
    assert house.check_one().verdict == "already_seen"


def test_a_second_run_finds_nothing_new(house: House) -> None:
    house.put_day("police", crimes(easting="0"))
    assert take(house) is None
    with open_warehouse(house.settings) as warehouse:
        before = warehouse.read(USABILITY), warehouse.read(UNUSABLE_NIGHTS)
    assert take(house, now=LATER) is None
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.read(USABILITY).equals(before[0])
        assert warehouse.read(UNUSABLE_NIGHTS).equals(before[1])


def test_a_provider_that_sends_dates_makes_no_record_move_and_its_night_is_unknown(house: House) -> None:
    house.put_day("police", crimes(12, day=DAY - timedelta(days=1)), DAY - timedelta(days=1))
    house.check()
    house.conform()
    midnight = dict.fromkeys(("committed_from", "committed_to"), f"{EVENING - timedelta(days=1)} 00:00:00")
    house.put_day("police", [row | midnight | {"record_version": "2"} for row in crimes(30)])
    assert take(house) is None
    assert house.verdicts().sort("file_name")["verdict"].to_list() == ["accepted", "accepted"]
    assert house.reasons("warning")["times_at_midnight", "committed_from"] == 30


POINTS = [
    ("420000", "350000", 30),
    ("435300", "336200", 30),
    ("420000", "350000", 20),
    ("435300.0", "336200.0", 24),
]


@pytest.mark.parametrize(("x", "y", "n_constant"), POINTS)
def test_a_constant_in_the_place_of_coordinates_makes_the_night_unknown(
    house: House, x: str, y: str, n_constant: int
) -> None:
    house.put("police_2026-03-20_2026-03-23.csv", csv_text(history()))
    constant = {"easting": x, "northing": y}
    house.put_day("police", [row | (constant if n < n_constant else {}) for n, row in enumerate(crimes(30))])
    assert take(house) is None
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.read(UNUSABLE_NIGHTS)["fault"].to_list() == ["one_point"]


def test_points_rounded_to_kilometres_make_the_night_unknown(house: House) -> None:
    house.put("police_2026-03-20_2026-03-23.csv", csv_text(history()))
    coarse = [
        row | {"easting": f"{430_000 + 1000 * (n % 9)}", "northing": f"{330_000 + 1000 * (n % 7)}"}
        for n, row in enumerate(crimes(30))
    ]
    house.put_day("police", coarse)
    assert take(house) is None
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.read(UNUSABLE_NIGHTS)["fault"].to_list() == ["one_point"]


def test_one_place_in_words_for_all_makes_the_night_unknown(house: House) -> None:
    texts = ["The Iron Otter", "outside the Blue Bellows", "home", "market place"]
    old = [ae_row(1000 + n, DAY - timedelta(days=1 + n % 4), place_text=texts[n % 4]) for n in range(240)]
    house.put("ae_2026-03-20_2026-03-23.csv", csv_text(old, "ae"))
    house.put_day("ae", [ae_row(n, place_text=" ED") for n in range(11)])
    assert take(house, "ae") is None
    with open_warehouse(house.settings) as warehouse:
        faults = warehouse.read(UNUSABLE_NIGHTS, "delivery_id LIKE 'ae_2026-03-25%'")["fault"].to_list()
    assert faults in (["one_point"], ["places"])


def test_several_crimes_of_one_occurrence_at_one_point_are_no_constant(house: House) -> None:
    brawl = {"occurrence_ref": "X", "easting": "435300", "northing": "336200"}
    house.put_day("police", [row | (brawl if n < 14 else {}) for n, row in enumerate(crimes(30))])
    assert take(house) == 17


ROUNDED = ["2.6E+10", "3.1E+10", "2,60001E+10", "3E+7", "-1E+5", "2.6e+10"]
WHOLE = ["26000000000", "OC00058408-1", "5E12", "E+10", "2.6E+10-1", "AE00006004"]


@pytest.mark.parametrize("key", [*ROUNDED, *WHOLE])
def test_a_number_as_a_spreadsheet_leaves_it_is_known_by_its_form(key: str) -> None:
    assert (re.search(ROUNDED_FORM, key) is not None) == (key in ROUNDED)


KEYS = [("2.6E+10", "key_rounded"), ("26", "key_shared")]


@pytest.mark.parametrize(("key", "rule"), KEYS)
def test_keys_that_are_no_keys_are_refused_and_their_night_is_unknown(
    house: House, key: str, rule: str
) -> None:
    house.put_day("police", crimes(crime_ref=key), n_rows=30)
    assert take(house) is None
    assert house.verdicts()["verdict"].to_list() == ["rejected"]
    assert rule.replace("_", " ") in house.messages()
    assert "a delivery was refused" in told(house, NOW)[0]


def test_keys_that_some_records_share_are_set_aside_with_their_night(house: House) -> None:
    rows = crimes(30)
    house.put_day(
        "police", [row | ({"crime_ref": f"K{n % 4}"} if n % 3 == 0 else {}) for n, row in enumerate(rows)]
    )
    assert take(house) is None
    assert {rule for _, rule, _ in house.quarantine()} == {"key_shared"}
    assert house.verdicts()["n_accepted"].to_list() == [20]


def test_a_row_that_stands_twice_is_no_shared_key(house: House) -> None:
    house.put_day("police", [*crimes(12), *crimes(12)])
    assert take(house) == 12


@pytest.mark.parametrize("n_bad", [1, 2])
def test_a_small_file_of_which_dates_cannot_be_read_is_no_quiet_night(house: House, n_bad: int) -> None:
    rows = [ae_row(n, arrival_at="24/03/2026 23:10") for n in range(n_bad)] + [
        ae_row(9, DAY - timedelta(days=3))
    ]
    house.put_day("ae", rows)
    assert take(house, "ae") is None


def test_a_row_set_aside_that_is_of_another_day_leaves_the_night_known(house: House) -> None:
    rows = [emas_row(n) for n in range(4)] + [emas_row(9, DAY - timedelta(days=3), outcome="lost")]
    house.put_day("emas", rows)
    assert take(house, "emas") == 4


FEW = [
    # in, expected, size, far below
    (4, 27, 20, True), (0, 27, 10, True), (13, 27, 50, False), (14, 27, 50, False), (0, 13, 20, True), (0, 4, 50, False),
    (40, 100, 50, True), (60, 100, 50, False), (10, 40, 2, False), (0, 0, 1, False),
]  # fmt: skip


@pytest.mark.parametrize(("n_incidents", "expected", "size", "is_few"), FEW)
def test_a_night_is_far_too_quiet_only_where_chance_does_not_explain_it(
    n_incidents: int, expected: float, size: float, is_few: bool
) -> None:
    assert is_far_below(n_incidents, expected, size) is is_few


def counted(source: str, mean: float, last: list[int], n_places: int = 5) -> pl.DataFrame:
    """Twelve weeks of nights as WHOLE_AREA gives them, the last of them as said."""
    rng = np.random.default_rng(7)
    evenings = [EVENING - timedelta(days=n) for n in range(84, -1, -1)]
    usual = [float(n) for n in rng.poisson([mean * (2 if e.weekday() >= 5 else 1) for e in evenings])]
    now = usual[: -len(last)] + [float(n) for n in last]
    rows = [(source, e, u, n, 5) for e, u, n in zip(evenings, usual, now, strict=True)]
    rows[-1] = (*rows[-1][:4], n_places)
    columns = {
        "source": pl.String,
        "evening": pl.Date,
        "n_first": pl.Float64,
        "n_incidents": pl.Float64,
        "n_places": pl.Int64,
    }
    return pl.DataFrame(rows, columns, orient="row")


QUIET = [
    # mean, the last nights, places that are known, far below
    (20, [19, 0], 5, True), (20, [19, 21], 5, False), (20, [19, 0], 2, False), (6.5, [6, 0], 5, False),
    (6.5, [0, 0], 5, True), (6.5, [4, 0], 5, False), (1, [0, 0], 5, False),
]  # fmt: skip


@pytest.mark.parametrize(("mean", "last", "n_places", "is_few"), QUIET)
def test_a_night_of_a_whole_area_is_held_against_its_weekday_alone_and_with_the_night_before(
    mean: float, last: list[int], n_places: int, is_few: bool
) -> None:
    nights = nights_of_area(counted("police", mean, last, n_places), EVENING)
    assert [night.is_far_below for night in nights] == ([is_few] if n_places == 5 else [])


def test_what_ops_were_told_is_far_too_quiet_leads_read_as_not_known() -> None:
    nights = nights_of_area(counted("emas", 6.5, [0, 0]), EVENING)
    doubted = doubted_nights(nights)
    assert doubted == {("emas", EVENING), ("emas", EVENING - timedelta(days=1))}
    rows = [("emas", EVENING, "within"), ("emas", EVENING, "above"), ("police", EVENING, "within")]
    judged = pl.DataFrame(rows, ["source", "evening", "verdict"], orient="row").with_columns(
        why_unknown=pl.lit(None, pl.String)
    )
    assert without_doubted(judged, doubted)["verdict"].to_list() == ["unknown", "above", "within"]
    counts = OtherNights({(EVENING, "derby", s): [(NOW, 0)] for s in ("emas", "police")})
    assert list(counts_without_doubted(counts, doubted).counts) == [(EVENING, "derby", "police")]


def test_every_reason_has_its_sentence() -> None:
    row = {"fault": "cut_short", "n_bad": 0, "n_rows": 52, "usual_share": 0.0}
    assert (
        say_unusable(row)
        == "it seems cut short: none of its rows are of the last hours of its span, where about 52 are usual"
    )
    row = {"fault": "places", "n_bad": 1, "n_rows": 1, "usual_share": None}
    assert say_unusable(row) == "1 of 1 row have no place in the area"
    assert WhyUnknown.UNUSABLE.meaning == FeedState.UNUSABLE.meaning
